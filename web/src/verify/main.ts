/**
 * The page that verifies a bundle from the file system: chosen or dropped, checked in a worker, told line by line. All that it
 * says is drawn anew when something changes, in the language that is chosen then.
 */
import type { Finding, Report } from './check-bundle'
import { el } from './element'
import { eventList, type Place } from './event-list'
import { isLanguage, languages, preferred, type Language } from './words'
import type { Failure, Told } from './worker'
import Checker from './worker?worker&inline'

type Phase =
  | { kind: 'idle' }
  | { kind: 'working'; share: number | null }
  | { kind: 'failed'; why: Failure }
  | { kind: 'report'; report: Report; place: Place }

let language: Language = preferred(navigator.languages)
let phase: Phase = { kind: 'idle' }
let chosen: File[] = []
let running: Worker | null = null
const words = () => languages[language].words

// What people use stays where it is while the words around it change.
const file = el('input', { type: 'file', multiple: '', id: 'file' })
const key = el('textarea', { id: 'key', rows: '2', spellcheck: 'false', 'aria-describedby': 'key-hint' })
const switches = Object.entries(languages).map(([code, { name }]) => {
  const button = el('button', { type: 'button', lang: code }, name)
  button.addEventListener('click', () => {
    if (isLanguage(code)) language = code
    draw()
  })
  return { code, button }
})
const bar = el('div', { class: 'bar', role: 'group' }, ...switches.map(({ button }) => button))
const title = el('h1', {})
const intro = el('p', {})
const choose = el('label', { for: 'file' })
const dropHere = el('p', { class: 'muted' })
const drop = el('div', { class: 'drop' }, choose, file, dropHere)
const keyLabel = el('label', { for: 'key' })
const keyHint = el('p', { id: 'key-hint', class: 'muted' })
const state = el('div', { role: 'status' })
const outcome = el('div', {})

function start(): void {
  if (chosen.length === 0) return
  running?.terminate()
  const worker = new Checker()
  running = worker
  enter({ kind: 'working', share: null })
  const end = (next: Phase) => {
    worker.terminate()
    enter(next)
  }
  worker.addEventListener('message', (message: MessageEvent<Told>) => {
    const told = message.data
    switch (told.kind) {
      case 'progress':
        enter({ kind: 'working', share: told.share })
        break
      case 'failed':
        end({ kind: 'failed', why: told.why })
        break
      case 'report':
        end({ kind: 'report', report: told.report, place: { first: 0 } })
        break
    }
  })
  worker.addEventListener('error', (event) => {
    end({ kind: 'failed', why: { what: 'other', text: event.message } })
  })
  worker.postMessage({ files: chosen, key: key.value })
}

function enter(next: Phase): void {
  phase = next
  drawPhase()
}

function draw(): void {
  const said = words()
  document.documentElement.lang = language
  document.title = said.title
  for (const { code, button } of switches) button.ariaPressed = String(code === language)
  bar.ariaLabel = said.language
  title.textContent = said.title
  intro.textContent = said.intro
  choose.textContent = said.choose
  dropHere.textContent = said.drop
  keyLabel.textContent = said.key
  keyHint.textContent = said.keyHint
  drawPhase()
}

function drawPhase(): void {
  switch (phase.kind) {
    case 'idle':
      break
    case 'working': {
      const { reading, working } = words()
      const progress = el('progress', { max: '1', 'aria-label': reading })
      if (phase.share !== null) progress.value = phase.share
      state.replaceChildren(el('p', {}, phase.share === null ? reading : working(phase.share)), progress)
      outcome.replaceChildren()
      break
    }
    case 'failed':
      state.replaceChildren(verdict('wrong', words().failed), el('p', {}, words().excuse(phase.why)))
      outcome.replaceChildren(again())
      break
    case 'report':
      state.replaceChildren(conclusion(phase.report))
      outcome.replaceChildren(again(), ...details(phase.report, phase.place))
      break
  }
}

function again(): Node {
  const button = el('button', { type: 'button' }, words().again)
  button.addEventListener('click', start)
  return button
}

function conclusion({ findings }: Report): Node {
  if (findings.some(({ level }) => level === 'wrong')) return verdict('wrong', words().fails)
  const yours = findings.some(({ what }) => what === 'signed_by_yours')
  return verdict(yours ? 'ok' : 'note', yours ? words().holds : words().holdsButKey)
}

const verdict = (level: Finding['level'], text: string) => el('p', { class: `verdict ${level}` }, text)

function details(report: Report, place: Place): Node[] {
  const nodes: Node[] = [
    el('h2', {}, words().results),
    el('ul', { class: 'findings' }, ...report.findings.map(line)),
    el('p', { class: 'muted' }, words().limits),
    el('h2', {}, words().facts),
    facts(report),
  ]
  if (report.events && report.starts.length > 1) {
    nodes.push(el('h2', {}, words().list), eventList(report.events, report.starts, place, words()))
  }
  return nodes
}

const line = (finding: Finding) =>
  el(
    'li',
    { class: finding.level, 'data-what': finding.what },
    el('strong', {}, words().levels[finding.level]),
    ' ',
    words().say(finding),
  )

function facts({ show, from, to, starts, checkpoint, key: signer }: Report): Node {
  const said = words()
  const rows: [string, string][] = [
    [said.show, show ?? '–'],
    [said.events, said.count(Math.max(0, starts.length - 1))],
    [said.from, from ?? '–'],
    [said.to, to ?? '–'],
    [said.log, checkpoint?.origin ?? '–'],
    [said.size, checkpoint ? said.count(checkpoint.size) : '–'],
  ]
  if (signer) rows.push([said.keyLine, signer.line], [said.fingerprint, signer.fingerprint])
  return el(
    'div',
    {},
    el('dl', {}, ...rows.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, value)])),
    el('p', { class: 'muted' }, said.compare),
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

document.body.append(el('main', {}, bar, title, intro, drop, keyLabel, key, keyHint, state, outcome))
draw()
