/** What the fragment of an order's link holds, as it was sent out; null where the link was cut off. */
export function orderSecret(fragment: string): string | null {
  return /^#?([\w-]{1,200})$/.exec(fragment)?.[1] ?? null
}
