/**
 * The organization that this browser acts for, where its owner belongs to several: for requests that can carry no
 * header. The server ignores it where it names none of theirs.
 */
const NAME = 'turnout_organization'
const YEAR_SECONDS = 365 * 24 * 3600

let kept: string | null = null

export function keepOrganization(organization: string): void {
  kept = organization
  write(organization)
}

function write(organization: string): void {
  const secure = globalThis.location.protocol === 'https:' ? '; Secure' : ''
  document.cookie = `${NAME}=${encodeURIComponent(organization)}; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`
}

// The cookie is the browser's, not the page's: a page that comes to the front again puts its own organization back.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && kept !== null) write(kept)
})
