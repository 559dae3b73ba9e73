/** The history's types, by the names that the pages use. */
import type { components, operations } from './generated/schema'

type Schemas = components['schemas']

export type HistoryEvent = Schemas['HistoryItem']
export type ExplainedEvent = Schemas['ExplainedEvent']
export type Because = Schemas['Because']
export type Timeline = Schemas['Timeline']
export type Bucket = Schemas['TimelineBucket']
export type StoredEvent = Schemas['ContentBody']
export type Proof = Schemas['InclusionProof']
export type Consistency = Schemas['ConsistencyProof']

/** Which events: all that is said has to hold. */
export type HistoryFilter = Omit<
  NonNullable<operations['list_history']['parameters']['query']>,
  'after' | 'before' | 'limit' | 'cursor' | 'format' | 'stream'
>
