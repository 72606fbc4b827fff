type Undo = () => void | Promise<void>;

/** What was started and has to be ended, in reverse order, whichever way the run goes. */
export class Scope {
  private readonly undos: Undo[] = [];
  private closing: Promise<void> | undefined;

  /** Throws once the scope is closed: what would be started then would not be ended. */
  defer(undo: Undo): void {
    if (this.isClosed) throw new Error('the benchmark is ending');
    this.undos.push(undo);
  }

  get isClosed(): boolean {
    return this.closing !== undefined;
  }

  /** A scope that may end earlier, and ends with this one at the latest. */
  inner(): Scope {
    const inner = new Scope();
    this.defer(() => inner.close());
    return inner;
  }

  /** Ends everything, once. One failure keeps nothing else from being ended. */
  close(): Promise<void> {
    this.closing ??= this.undoAll();
    return this.closing;
  }

  private async undoAll(): Promise<void> {
    for (const undo of this.undos.reverse()) {
      try {
        await undo();
      } catch (error) {
        console.error(`While ending: ${(error as Error).message}`);
      }
    }
  }
}
