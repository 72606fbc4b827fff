import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../support/processes.js';
import type { Scope } from '../support/scope.js';
import type { LoadAnswer, LoadCommand, LoadPlan, LoadResult } from './plan.js';

const ANSWER_TIMEOUT_MS = 30_000;

/** The callers, in a process of their own, so that nothing here disturbs them. One load at a time. */
export class LoadGenerator {
  private constructor(private readonly child: ChildProcess) {}

  static start(scope: Scope): LoadGenerator {
    const file = fileURLToPath(new URL('load-process.ts', import.meta.url));
    // Detached, so that Ctrl-C reaches the benchmark alone.
    const child = fork(file, {
      cwd: ROOT,
      detached: true,
      execArgv: ['--import', import.meta.resolve('tsx')],
      serialization: 'advanced',
    });
    scope.defer(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    });
    return new LoadGenerator(child);
  }

  async begin(plan: LoadPlan): Promise<void> {
    await this.ask({ kind: 'start', plan });
  }

  /** From here on it counts. */
  open(): void {
    this.send({ kind: 'open' });
  }

  /** What was counted. Ends the load. */
  async end(): Promise<LoadResult> {
    const answer = await this.ask({ kind: 'close' });
    if (answer.kind !== 'result') throw new Error('the load generator does not say what it counted');
    return answer.result;
  }

  private ask(command: LoadCommand): Promise<LoadAnswer> {
    return new Promise((done, fail) => {
      const onEnd = () => fail(new Error('the load generator has ended'));
      const timer = setTimeout(() => fail(new Error('the load generator does not answer')), ANSWER_TIMEOUT_MS);
      this.child.once('exit', onEnd);
      this.child.once('message', (message) => {
        clearTimeout(timer);
        this.child.off('exit', onEnd);
        done(message as LoadAnswer);
      });
      this.send(command);
    });
  }

  /** A process that has gone is noticed by whoever awaits its answer. */
  private send(command: LoadCommand): void {
    this.child.send(command, () => undefined);
  }
}
