/** The page in English; every other language has the same words. */
import type { Finding } from '../check-bundle'
import type { Failure } from '../worker'
import { counted, listed, SHOWN_MAX } from './numbers'

const count = counted('en')
const list = listed('and', 'more')
const at = (positions: readonly number[]) =>
  positions.length === 1 ? `position ${list(positions)}` : `positions ${list(positions)}`

const quoted = (line: string | null) => (line === null ? 'nothing' : `“${line}”`)

function say(finding: Finding): string {
  switch (finding.what) {
    case 'missing_file':
      return `Missing from the bundle: ${finding.names.join(', ')}.`
    case 'no_checkpoint':
      return 'The checkpoint cannot be read.'
    case 'unsigned':
      return 'The checkpoint is not signed by this key.'
    case 'bad_key':
      return 'There is no verifier key that can be read.'
    case 'no_proof':
      return 'The proof (proof.json) cannot be read.'
    case 'other_tree':
      return 'The proof is for another tree than the signed checkpoint.'
    case 'no_events':
      return 'There are no events.'
    case 'not_in_tree':
      return 'The events do not lead to the signed root: at least one was changed together with its hash, added, removed or moved.'
    case 'unreadable':
      return `Not an event: line ${list(finding.lines)} of events.ndjson.`
    case 'changed':
      return `Changed: what the event at ${at(finding.positions)} says is not what its content hash was made of.`
    case 'disordered':
      return `Out of order: ${at(finding.positions)}.`
    case 'other_stream':
      return `Of something else than this show: ${at(finding.positions)}.`
    case 'back_in_time':
      return `Recorded before the event in front of it: ${at(finding.positions)}.`
    case 'repeated':
      return `A version that was there already: ${at(finding.positions)}.`
    case 'beyond':
      return `Behind the signed checkpoint, so not proved: ${at(finding.positions)}.`
    case 'missing_versions':
      return `Missing events of the show: version ${finding.versions
        .slice(0, SHOWN_MAX)
        .map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`))
        .join(', ')}.`
    case 'signed_by_yours':
      return 'The checkpoint is signed with the key that you gave.'
    case 'signed_by_its_own':
      return 'The checkpoint is signed with a key that came with the bundle. Compare it with one that you got elsewhere, or paste that one above.'
    case 'content':
      return 'Each event says what its content hash was made of.'
    case 'complete':
      return 'The show’s events are complete from the first one on, each once, in order.'
    case 'in_tree':
      return `All ${count(finding.events)} events stand unchanged at their positions in the signed log of ${count(finding.size)} events.`
    case 'settled':
      return `The settlement, as JSON and as CSV, is what follows from these events, to the last digit.${
        finding.withheld ? ' For what is withheld, the bundle is taken at its word.' : ''
      }`
    case 'settled_otherwise':
      return `The settlement is not what follows from these events: line ${finding.line} of ${finding.file} says ${quoted(finding.says)}, and from the events follows ${quoted(finding.follows)}.`
    case 'not_settled':
      return `Not checked here: the figures of the settlement (${finding.why}). “turnout verify --export” computes them anew from these events.`
    case 'withheld':
      return `Partly withheld, because a code in it still opens a door: ${at(finding.positions)}. Their place in the log is proved, what they say is not.`
  }
}

function excuse(failure: Failure): string {
  switch (failure.what) {
    case 'no_zip':
      return 'This is not a zip file.'
    case 'packed':
      return `${failure.name} is packed in a way that is not known here.`
    case 'other':
      return failure.text
  }
}

export const english = {
  title: 'Verify a bundle',
  language: 'Language',
  intro:
    'This page checks the events of a show against the signed log, on this computer alone: nothing is sent anywhere, and no network is needed.',
  choose: 'Choose the bundle (a zip, or all its files)',
  drop: 'or drop it here',
  key: 'Verifier key from elsewhere',
  keyHint:
    'One line, as name+hash+key: from a contract, a letter, or an earlier bundle. Without it only the key in the bundle can be used.',
  again: 'Verify again',
  working: (share: number) => `Verifying: ${Math.floor(share * 100)} %`,
  reading: 'Reading the bundle …',
  holds: 'The record holds',
  holdsButKey: 'The record holds, if the key is right',
  fails: 'The record does not hold',
  failed: 'This could not be read',
  results: 'What was checked',
  facts: 'What it is about',
  show: 'Show',
  events: 'Events',
  from: 'First event',
  to: 'Last event',
  log: 'Log',
  size: 'Events in the log',
  keyLine: 'Key that signed',
  fingerprint: 'Fingerprint of the key',
  compare:
    'Compare it with a key that you obtained in another way: a signature proves only who holds the key.',
  limits:
    'What no bundle can tell: whether there were events behind its last one, and whether what was recorded was true.',
  list: 'The events',
  earlier: 'Earlier',
  later: 'Later',
  range: (from: number, to: number, of: number) => `${count(from)}–${count(to)} of ${count(of)}`,
  go: 'Version',
  place: (position: number) => `No. ${position}`,
  levels: { ok: 'Holds', wrong: 'Wrong', note: 'Note' },
  count,
  say,
  excuse,
}

export type Words = typeof english
