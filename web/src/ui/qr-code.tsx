import encodeQR from 'qr'
import { useMemo } from 'react'

/** Light modules around the code; without them readers do not find it (ISO/IEC 18004). */
const QUIET_ZONE = 4

/** A QR code, drawn by the browser: the text goes nowhere. Black on white also in dark surroundings. */
export function QrCode({ text, label, className }: { text: string; label: string; className?: string }) {
  const rows = useMemo(() => encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_ZONE }), [text])
  const path = rows.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${rows.length} ${rows.length}`}
      shapeRendering="crispEdges"
      className={className}
    >
      <rect width={rows.length} height={rows.length} rx="2" fill="#ffffff" />
      <path d={path} fill="#000000" />
    </svg>
  )
}
