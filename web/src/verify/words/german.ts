/** The page in German. */
import type { Finding } from '../check-bundle'
import type { Failure } from '../worker'
import type { Words } from './english'
import { counted, listed, SHOWN_MAX } from './numbers'

const count = counted('de')
const list = listed('und', 'weitere')
const at = (positions: readonly number[]) =>
  positions.length === 1 ? `Position ${list(positions)}` : `Positionen ${list(positions)}`

const quoted = (line: string | null) => (line === null ? 'nichts' : `„${line}“`)

function say(finding: Finding): string {
  switch (finding.what) {
    case 'missing_file':
      return `Im Bündel fehlt: ${finding.names.join(', ')}.`
    case 'no_checkpoint':
      return 'Der Prüfpunkt (checkpoint) ist nicht lesbar.'
    case 'unsigned':
      return 'Der Prüfpunkt ist nicht mit diesem Schlüssel unterschrieben.'
    case 'bad_key':
      return 'Es ist kein lesbarer Prüfschlüssel da.'
    case 'no_proof':
      return 'Der Nachweis (proof.json) ist nicht lesbar.'
    case 'other_tree':
      return 'Der Nachweis gilt für einen anderen Baum als den des unterschriebenen Prüfpunkts.'
    case 'no_events':
      return 'Es sind keine Ereignisse da.'
    case 'not_in_tree':
      return 'Die Ereignisse führen nicht zur unterschriebenen Wurzel: Mindestens eines wurde samt seinem Hash geändert, hinzugefügt, entfernt oder verschoben.'
    case 'unreadable':
      return `Kein Ereignis: Zeile ${list(finding.lines)} von events.ndjson.`
    case 'changed':
      return `Geändert: Was das Ereignis an ${at(finding.positions)} sagt, ist nicht das, woraus sein Hash gebildet wurde.`
    case 'disordered':
      return `Nicht in der richtigen Reihenfolge: ${at(finding.positions)}.`
    case 'other_stream':
      return `Gehört zu etwas anderem als dieser Veranstaltung: ${at(finding.positions)}.`
    case 'back_in_time':
      return `Vor dem vorangehenden Ereignis aufgezeichnet: ${at(finding.positions)}.`
    case 'repeated':
      return `Eine Version, die schon da war: ${at(finding.positions)}.`
    case 'beyond':
      return `Hinter dem unterschriebenen Prüfpunkt, also nicht nachgewiesen: ${at(finding.positions)}.`
    case 'missing_versions':
      return `Es fehlen Ereignisse der Veranstaltung: Version ${finding.versions
        .slice(0, SHOWN_MAX)
        .map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`))
        .join(', ')}.`
    case 'signed_by_yours':
      return 'Der Prüfpunkt ist mit dem Schlüssel unterschrieben, den Sie angegeben haben.'
    case 'signed_by_its_own':
      return 'Der Prüfpunkt ist mit einem Schlüssel unterschrieben, der im Bündel mitkam. Vergleichen Sie ihn mit einem, den Sie anderswoher haben, oder geben Sie diesen oben ein.'
    case 'content':
      return 'Jedes Ereignis sagt das, woraus sein Hash gebildet wurde.'
    case 'complete':
      return 'Die Ereignisse der Veranstaltung sind vom ersten an vollständig, jedes einmal, in der richtigen Reihenfolge.'
    case 'in_tree':
      return `Alle ${count(finding.events)} Ereignisse stehen unverändert an ihrem Platz im unterschriebenen Protokoll von ${count(finding.size)} Ereignissen.`
    case 'settled':
      return `Die Abrechnung ist, als JSON und als CSV, auf die letzte Stelle das, was aus diesen Ereignissen folgt.${
        finding.withheld ? ' Für Zurückgehaltenes gilt, was das Bündel sagt.' : ''
      }`
    case 'settled_otherwise':
      return `Die Abrechnung ist nicht das, was aus diesen Ereignissen folgt: Zeile ${finding.line} von ${finding.file} sagt ${quoted(finding.says)}, und aus den Ereignissen folgt ${quoted(finding.follows)}.`
    case 'not_settled':
      return `Hier nicht geprüft: die Zahlen der Abrechnung (${finding.why}). „turnout verify --export“ berechnet sie neu aus diesen Ereignissen.`
    case 'withheld':
      return `Teils zurückgehalten, weil ein Code darin noch eine Tür öffnet: ${at(finding.positions)}. Der Platz im Protokoll ist nachgewiesen, der Inhalt nicht.`
  }
}

function excuse(failure: Failure): string {
  switch (failure.what) {
    case 'no_zip':
      return 'Das ist keine Zip-Datei.'
    case 'packed':
      return `${failure.name} ist auf eine Weise gepackt, die hier nicht bekannt ist.`
    case 'other':
      return failure.text
  }
}

export const german: Words = {
  title: 'Ein Bündel prüfen',
  language: 'Sprache',
  intro:
    'Diese Seite prüft die Ereignisse einer Veranstaltung gegen das unterschriebene Protokoll, allein auf diesem Rechner: Nichts wird verschickt, und es braucht kein Netz.',
  choose: 'Bündel auswählen (eine Zip-Datei oder alle Dateien daraus)',
  drop: 'oder hier ablegen',
  key: 'Prüfschlüssel aus anderer Quelle',
  keyHint:
    'Eine Zeile der Form Name+Hash+Schlüssel: aus einem Vertrag, einem Brief oder einem früheren Bündel. Ohne sie bleibt nur der Schlüssel im Bündel.',
  again: 'Noch einmal prüfen',
  working: (share) => `Wird geprüft: ${Math.floor(share * 100)} %`,
  reading: 'Das Bündel wird gelesen …',
  holds: 'Die Aufzeichnung stimmt',
  holdsButKey: 'Die Aufzeichnung stimmt, wenn der Schlüssel der richtige ist',
  fails: 'Die Aufzeichnung stimmt nicht',
  failed: 'Das war nicht lesbar',
  results: 'Was geprüft wurde',
  facts: 'Worum es geht',
  show: 'Veranstaltung',
  events: 'Ereignisse',
  from: 'Erstes Ereignis',
  to: 'Letztes Ereignis',
  log: 'Protokoll',
  size: 'Ereignisse im Protokoll',
  keyLine: 'Unterschrieben mit',
  fingerprint: 'Fingerabdruck des Schlüssels',
  compare:
    'Vergleichen Sie ihn mit einem Schlüssel, den Sie auf anderem Weg bekommen haben: Eine Unterschrift beweist nur, wer den Schlüssel hat.',
  limits:
    'Was kein Bündel sagen kann: ob es hinter seinem letzten Ereignis weitere gab, und ob wahr ist, was aufgezeichnet wurde.',
  list: 'Die Ereignisse',
  earlier: 'Frühere',
  later: 'Spätere',
  range: (from, to, of) => `${count(from)}–${count(to)} von ${count(of)}`,
  go: 'Version',
  place: (position) => `Nr. ${position}`,
  levels: { ok: 'Stimmt', wrong: 'Falsch', note: 'Hinweis' },
  count,
  say,
  excuse,
}
