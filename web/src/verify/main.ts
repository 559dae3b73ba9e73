/** The page that verifies a bundle from the file system: chosen or dropped, checked in a worker, told line by line. */
import type { Finding, Report } from './check-bundle'
import { el } from './element'
import { eventList } from './event-list'
import { say, words } from './words'
import type { Told } from './worker'
import Checker from './worker?worker&inline'

const file = el('input', { type: 'file', multiple: '', id: 'file' })
const key = el('textarea', { id: 'key', rows: '2', spellcheck: 'false', 'aria-describedby': 'key-hint' })
const again = el('button', { type: 'button', hidden: '' }, words.again)
const state = el('div', { role: 'status' })
const outcome = el('div', {})
const drop = el(
  'div',
  { class: 'drop' },
  el('label', { for: 'file' }, words.choose),
  file,
  el('p', { class: 'muted' }, words.drop),
)
let chosen: File[] = []
let running: Worker | null = null

function start(): void {
  if (chosen.length === 0) return
  running?.terminate()
  outcome.replaceChildren()
  const bar = el('progress', { max: '1', 'aria-label': words.reading })
  const text = el('p', {}, words.reading)
  state.replaceChildren(text, bar)
  const worker = new Checker()
  running = worker
  const end = (...shown: Node[]) => {
    worker.terminate()
    again.hidden = false
    state.replaceChildren(...shown)
  }
  worker.addEventListener('message', (message: MessageEvent<Told>) => {
    const told = message.data
    switch (told.kind) {
      case 'progress':
        bar.value = told.share
        text.textContent = words.working(told.share)
        break
      case 'failed':
        end(verdict('wrong', words.failed), el('p', {}, told.why))
        break
      case 'report':
        end(...conclusion(told.report))
        outcome.replaceChildren(...details(told.report))
        break
    }
  })
  worker.addEventListener('error', (event) => {
    end(verdict('wrong', words.failed), el('p', {}, event.message))
  })
  worker.postMessage({ files: chosen, key: key.value })
}

function conclusion({ findings }: Report): Node[] {
  if (findings.some(({ level }) => level === 'wrong')) return [verdict('wrong', words.fails)]
  const yours = findings.some(({ what }) => what === 'signed_by_yours')
  return [verdict(yours ? 'ok' : 'note', yours ? words.holds : words.holdsButKey)]
}

const verdict = (level: Finding['level'], text: string) => el('p', { class: `verdict ${level}` }, text)

function details(report: Report): Node[] {
  const nodes: Node[] = [
    el('h2', {}, words.results),
    el('ul', { class: 'findings' }, ...report.findings.map(line)),
    el('p', { class: 'muted' }, words.limits),
    el('h2', {}, words.facts),
    facts(report),
  ]
  if (report.events && report.starts.length > 1) {
    nodes.push(el('h2', {}, words.list), eventList(report.events, report.starts))
  }
  return nodes
}

const line = (finding: Finding) =>
  el(
    'li',
    { class: finding.level, 'data-what': finding.what },
    el('strong', {}, words.levels[finding.level]),
    ' ',
    say(finding),
  )

function facts({ show, from, to, starts, checkpoint, key: signer }: Report): Node {
  const rows: [string, string][] = [
    [words.show, show ?? '–'],
    [words.events, Math.max(0, starts.length - 1).toLocaleString('en')],
    [words.from, from ?? '–'],
    [words.to, to ?? '–'],
    [words.log, checkpoint?.origin ?? '–'],
    [words.size, checkpoint?.size.toLocaleString('en') ?? '–'],
  ]
  if (signer) rows.push([words.keyLine, signer.line], [words.fingerprint, signer.fingerprint])
  return el(
    'div',
    {},
    el('dl', {}, ...rows.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, value)])),
    el('p', { class: 'muted' }, words.compare),
  )
}

function take(files: FileList | null | undefined): void {
  if (!files || files.length === 0) return
  chosen = [...files]
  start()
}

file.addEventListener('change', () => {
  take(file.files)
})
again.addEventListener('click', start)
document.addEventListener('dragover', (event) => {
  event.preventDefault()
  drop.classList.add('over')
})
document.addEventListener('dragleave', () => {
  drop.classList.remove('over')
})
document.addEventListener('drop', (event) => {
  event.preventDefault()
  drop.classList.remove('over')
  take(event.dataTransfer?.files)
})

document.title = words.title
document.body.append(
  el(
    'main',
    {},
    el('h1', {}, words.title),
    el('p', {}, words.intro),
    drop,
    el('label', { for: 'key' }, words.key),
    key,
    el('p', { id: 'key-hint', class: 'muted' }, words.keyHint),
    again,
    state,
    outcome,
  ),
)
