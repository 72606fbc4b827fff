import type { Budget, Standing } from './budget.js';
import { ChargedRequests } from './charged-requests.js';

/** A budget, and the identity that is charged. */
export interface Account {
  readonly budget: Budget;
  readonly identity: string;
}

export interface Charge {
  /** In the order of the accounts. */
  readonly standings: readonly Standing[];
  /** Whether an equal request was charged before, in this window: then this one was not, and is let through. */
  readonly isRepeated: Promise<boolean>;
}

/** Counts requests against budgets. */
export interface Ledger {
  /**
   * Charges the accounts in their order, and none behind an exhausted one, so that one user can't drain the shop's budget.
   * `request` is equal for requests that are charged once.
   */
  charge(accounts: readonly Account[], request: string | undefined): Promise<Charge>;
  /** Takes back what a request was charged. */
  refund(accounts: readonly Account[]): void;
  /** The next equal request is charged. */
  forget(request: string): void;
}

/** Counts the requests of this process. */
export class OwnLedger implements Ledger {
  private readonly charged = new ChargedRequests();

  charge(accounts: readonly Account[], request: string | undefined): Promise<Charge> {
    const isRepeated = request !== undefined && this.charged.charge(request);
    const standings = isRepeated ? letThrough(accounts) : chargeAll(accounts);
    const isTurnedAway = standings.some(({ isExceeded }) => isExceeded);
    if (request !== undefined && isTurnedAway) this.forget(request);
    return Promise.resolve({ standings, isRepeated: Promise.resolve(isRepeated) });
  }

  refund(accounts: readonly Account[]): void {
    for (const { budget, identity } of accounts) budget.refund(identity);
  }

  forget(request: string): void {
    this.charged.forget(request);
  }
}

function chargeAll(accounts: readonly Account[]): readonly Standing[] {
  const standings: Standing[] = [];
  for (const { budget, identity } of accounts) {
    const isTurnedAway = standings.some(({ isExceeded }) => isExceeded);
    standings.push(isTurnedAway ? budget.look(identity) : budget.charge(identity));
  }
  return standings;
}

/** Charges nothing and refuses nothing. */
function letThrough(accounts: readonly Account[]): readonly Standing[] {
  return accounts.map(({ budget, identity }) => ({ ...budget.look(identity), isExceeded: false }));
}
