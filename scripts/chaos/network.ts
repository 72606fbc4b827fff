import { execFileSync } from 'node:child_process';
import type { Host } from './host.js';
import type { Workspace } from './workspace.js';

/** A range for measurements between networks, which nobody has at home (RFC 2544). */
const RANGE = '198.18';
const BRIDGE = 'bridge';
/** A machine that is not there. */
const NOBODY = '02:00:00:00:00:01';

/**
 * Hosts that reach each other and this process. What one of them sends to another can be cut off: it is lost without a word,
 * as behind a broken switch. Needs Linux, and to be allowed to make network namespaces.
 */
export class Network {
  /** Of the names of all that is made; an interface's has at most 15 characters. */
  private readonly prefix = `tb${process.pid.toString(36)}`;
  private readonly subnet = `${RANGE}.${process.pid % 256}`;
  private readonly switch = `${this.prefix}-switch`;
  private readonly namespaces: string[] = [];
  private readonly namespaceOf = new Map<Host, string>();

  /** The network is there until the workspace is closed. */
  static make(workspace: Workspace): Network {
    const network = new Network();
    workspace.beforeRemoval(() => network.remove());
    network.makeNamespace(network.switch);
    ip('-n', network.switch, 'link', 'add', BRIDGE, 'type', 'bridge');
    ip('-n', network.switch, 'link', 'set', BRIDGE, 'up');
    ip('link', 'add', network.prefix, 'type', 'veth', 'peer', 'name', 'here', 'netns', network.switch);
    network.plug('here');
    ip('address', 'add', `${network.subnet}.254/24`, 'dev', network.prefix);
    ip('link', 'set', network.prefix, 'up');
    return network;
  }

  private constructor() {}

  /** Adds a host. */
  host(): Host {
    const number = this.namespaces.length;
    const [namespace, address] = [`${this.prefix}-${number}`, `${this.subnet}.${number}`];
    this.makeNamespace(namespace);
    const port = `port${number}`;
    ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', this.switch);
    this.plug(port);
    ip('-n', namespace, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', namespace, 'link', 'set', device, 'up');
    const host: Host = {
      address,
      commandFor: (command, args) => ['ip', 'netns', 'exec', namespace, command, ...args],
    };
    this.namespaceOf.set(host, namespace);
    return host;
  }

  /** From now on nothing that `from` sends gets to `to`. */
  cut(from: Host, to: Host): void {
    ip(...this.neighbour('replace', from, to), 'lladdr', NOBODY, 'nud', 'permanent');
  }

  /** What `from` sends gets to `to` again. */
  mend(from: Host, to: Host): void {
    ip(...this.neighbour('delete', from, to));
  }

  private neighbour(verb: string, from: Host, to: Host): string[] {
    const namespace = this.namespaceOf.get(from);
    if (namespace === undefined) throw new Error(`${from.address} is no host of this network`);
    return ['-n', namespace, 'neighbour', verb, to.address, 'dev', 'eth0'];
  }

  private makeNamespace(name: string): void {
    ip('netns', 'add', name);
    this.namespaces.push(name);
  }

  private plug(port: string): void {
    ip('-n', this.switch, 'link', 'set', port, 'master', BRIDGE, 'up');
  }

  /** Ends what was started by programs in it, such as daemons. Interfaces go with their namespaces. */
  private remove(): Promise<void> {
    for (const namespace of this.namespaces.splice(0)) {
      ip('netns', 'pids', namespace).split('\n').filter(Boolean).map(Number).forEach(kill);
      ip('netns', 'delete', namespace);
    }
    return Promise.resolve();
  }
}

/** The reason why this process can't make networks; undefined where it can. */
export function whyNoNetwork(): string | undefined {
  const name = `tb${process.pid.toString(36)}-try`;
  try {
    ip('netns', 'add', name);
  } catch (error) {
    return lastLineOf(error);
  }
  try {
    ip('-n', name, 'link', 'add', BRIDGE, 'type', 'bridge');
    ip('-n', name, 'link', 'add', 'one', 'type', 'veth', 'peer', 'name', 'other');
    return undefined;
  } catch (error) {
    return lastLineOf(error);
  } finally {
    ip('netns', 'delete', name);
  }
}

/** It may have ended by now. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has.
  }
}

function ip(...args: readonly string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function lastLineOf(error: unknown): string {
  return (error as Error).message.trim().split('\n').at(-1) ?? '';
}
