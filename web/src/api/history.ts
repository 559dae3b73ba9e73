/** The history as the contract has it: what its answers hold, and the way to them. */
import { clientOf } from './client'

export interface HistoryEvent {
  position: number
  organization: string
  stream: string
  stream_type: string
  version: number
  type: string
  schema: number
  recorded_at: string
  actor: string
  device: string | null
  channel: string | null
  command: string
  correlation: string
  causation: string | null
  payload: Record<string, unknown>
  content_hash: string | null
  /** What happened, in the reader's language. */
  sentence: string
}

export type Relation = 'same_request' | 'cause' | 'effect' | 'reason' | 'consequence'

export interface Because {
  position: number
  relation: Relation
  type: string
  recorded_at: string
  sentence: string
}

export type ExplainedEvent = HistoryEvent & { because: Because[] }

export interface HistoryPage {
  items: HistoryEvent[]
  next: string | null
}

/** Which events: all that is said has to hold. */
export interface HistoryFilter {
  show?: string | undefined
  type?: string | undefined
  actor?: string | undefined
  device?: string | undefined
  person?: string | undefined
  correlation?: string | undefined
  seat?: string | undefined
  ticket?: string | undefined
  order?: string | undefined
  hold?: string | undefined
  block?: string | undefined
  scan?: string | undefined
  from?: string | undefined
  to?: string | undefined
}

export interface Bucket {
  /** Its first event, and its last one. */
  position: number
  to: number
  recorded_at: string
  events: number
  sold: number
  admitted: number
  refused: number
}

export interface Timeline {
  from: string
  to: string
  first_position: number
  last_position: number
  events: number
  buckets: Bucket[]
}

export interface Proof {
  position: number
  size: number
  leaf: {
    position: number
    organization: string
    stream_type: string
    stream: string
    version: number
    recorded_at: string
    /** Null for whom a code of the event is masked. */
    content_hash: string | null
    salt: string | null
  }
  leaf_hash: string
  hashes: string[]
  root: string
  /** A signed note. */
  checkpoint: string
}

export interface Consistency {
  from: number
  to: number
  from_root: string
  to_root: string
  hashes: string[]
}

interface Question<Query, Body, Media extends string = 'application/json'> {
  get: {
    parameters: { query?: Query }
    responses: { 200: { content: Record<Media, Body> } }
  }
}

interface QuestionOf<Name extends string, Body> {
  get: {
    parameters: { path: Record<Name, number> }
    responses: { 200: { content: { 'application/json': Body } } }
  }
}

interface HistoryPaths {
  '/api/v1/history': Question<
    HistoryFilter & { after?: number; before?: number; limit?: number; cursor?: string },
    HistoryPage
  >
  '/api/v1/history/{position}': QuestionOf<'position', ExplainedEvent>
  '/api/v1/history/timeline': Question<{ show: string; buckets?: number }, Timeline>
  '/api/v1/history/proof': Question<{ position: number; size?: number }, Proof>
  '/api/v1/history/consistency': Question<{ from: number; to?: number }, Consistency>
  '/api/v1/history/keys': Question<never, string, 'text/plain'>
}

export const history = clientOf<HistoryPaths>()
