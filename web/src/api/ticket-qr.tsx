import { useQuery } from '@tanstack/react-query'
import { ticketQuery } from './queries'

/**
 * A ticket's QR code. The picture itself cannot say which position it has to wait for, so the ticket is asked
 * for first; its place is kept meanwhile.
 */
export function TicketQr({ ticket, alt, className }: { ticket: string; alt: string; className?: string }) {
  const { isSuccess } = useQuery(ticketQuery(ticket))
  return (
    <div className={`aspect-square overflow-hidden rounded-xl bg-white ${className ?? ''}`}>
      {isSuccess ? (
        <img
          src={`/api/v1/tickets/${encodeURIComponent(ticket)}/qr.png`}
          alt={alt}
          width={400}
          height={400}
          className="size-full object-contain"
        />
      ) : (
        <div role="img" aria-label={alt} className="size-full animate-pulse rounded-lg bg-neutral-200" />
      )}
    </div>
  )
}
