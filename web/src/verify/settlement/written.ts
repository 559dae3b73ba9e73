/**
 * A settlement written down, byte for byte as the server does it (`projections/src/settlement/table.rs`): JSON, and one CSV table
 * (RFC 4180) in which a column says what each row is.
 */
import type { Money, Settlement } from './sheet'

const COLUMNS = [
  'row',
  'ticket_type',
  'name',
  'category',
  'price',
  'tax_percent',
  'count',
  'sold',
  'complimentary',
  'voided',
  'refunded',
  'persons',
  'admitted',
  'gross',
  'net',
  'tax',
  'paid',
  'paid_back',
  'kept',
  'due',
  'outstanding',
  'owed',
  'currency',
  'show',
  'as_of',
  'provisional',
  'position',
  'checkpoint_size',
  'checkpoint_root',
] as const
/** What has nothing to say of a column leaves it empty. */
type Cells = Partial<Record<(typeof COLUMNS)[number], string | number | boolean>>

export const asJson = (sheet: Settlement) => `${JSON.stringify(sheet, null, 2)}\n`

export function asCsv(sheet: Settlement): string {
  const { show, moment, checkpoint } = sheet
  const common: Cells = {
    currency: show.currency,
    show: show.id,
    as_of: moment.as_of_local,
    provisional: moment.provisional,
    position: moment.position,
    checkpoint_size: checkpoint?.size ?? '',
    checkpoint_root: checkpoint?.root ?? '',
  }
  const table = rows(sheet).map((row) => {
    const cells: Cells = { ...common, ...row }
    return COLUMNS.map((column) => String(cells[column] ?? ''))
  })
  return [COLUMNS, ...table].map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')
}

function rows({ tickets, lines, totals, taxes, reserved, payments, money, door }: Settlement): Cells[] {
  const worth = ({ gross, net, tax }: { gross: Money; net: Money; tax: Money }) => ({
    gross: decimal(gross),
    net: decimal(net),
    tax: decimal(tax),
  })
  const counts = ({ sold, complimentary, voided, refunded, persons, admitted }: Settlement['totals']) => ({
    sold,
    complimentary,
    voided,
    refunded,
    persons,
    admitted,
  })
  return [
    ...tickets.map((row) => ({
      row: 'ticket',
      ticket_type: row.ticket_type.id,
      name: row.ticket_type.name,
      category: row.category ?? '',
      price: decimal(row.price),
      tax_percent: percent(row.tax_rate_bps),
      ...counts(row),
      ...worth(row),
    })),
    ...lines.map((row) => ({ row: row.kind, count: row.count, ...worth(row) })),
    { row: 'total', ...counts(totals), ...worth(totals) },
    ...taxes.map((row) => ({ row: 'tax', tax_percent: percent(row.rate_bps), ...worth(row) })),
    { row: 'reserved', count: reserved.tickets, ...worth(reserved) },
    ...payments.map((row) => ({
      row: 'payment',
      name: row.method,
      paid: decimal(row.paid),
      paid_back: decimal(row.refunded),
      kept: decimal(row.kept),
    })),
    {
      row: 'money',
      gross: decimal(money.total),
      paid: decimal(money.paid),
      paid_back: decimal(money.refunded),
      kept: decimal(money.kept),
      due: decimal(money.due),
      outstanding: decimal(money.outstanding),
      owed: decimal(money.owed),
    },
    { row: 'door', name: 'entries', count: door.entries },
    { row: 'door', name: 'counted', count: door.counted },
    { row: 'door', name: 'refusals', count: door.refusals },
  ]
}

const quoted = (cell: string) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)

/** ISO 4217, list one. */
const WITHOUT_MINOR = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'.split(' ')
const IN_THOUSANDTHS = 'BHD IQD JOD KWD LYD OMR TND'.split(' ')

/** In major units, as a decimal number that says exactly the same. */
function decimal({ amount, currency }: Money): string {
  const digits = WITHOUT_MINOR.includes(currency) ? 0 : IN_THOUSANDTHS.includes(currency) ? 3 : 2
  const plain = String(Math.abs(amount)).padStart(digits + 1, '0')
  const split = plain.length - digits
  const number = digits === 0 ? plain : `${plain.slice(0, split)}.${plain.slice(split)}`
  return amount < 0 ? `-${number}` : number
}

/** Of basis points: `19`, `5.5`. */
function percent(bps: number | null): string {
  if (bps === null) return ''
  const part = String(bps % 100)
    .padStart(2, '0')
    .replace(/0+$/, '')
  const whole = String(Math.floor(bps / 100))
  return part === '' ? whole : `${whole}.${part}`
}
