export type FaultKind =
  | 'unbalanced books'
  | 'sold against the rules'
  | 'edited against the rules'
  | 'edited twice'
  | 'not given back'
  | 'not handed over'
  | 'cancelled twice'
  | 'transferred twice'
  | 'ended twice'
  | 'paid twice'
  | 'ended early'
  | 'acknowledged, not done'
  | 'acknowledged before it was done'
  | 'denied, but done'
  | 'untrue refusal'
  | 'untrue replay'
  | 'answer of another'
  | 'unexpected answer'
  | 'no answer'
  | 'late answer'
  | 'out of order'
  | 'broken process';

export interface Fault {
  readonly kind: FaultKind;
  readonly text: string;
}

export type Note = (kind: FaultKind, text: string) => void;
