import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { endOfAnswer, postText, statusOf } from './http-text.js';

export interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Pending {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/** One caller with a connection of its own, who asks one thing at a time and waits for the answer. */
export class Caller {
  private received = '';
  private pending: Pending | undefined;

  private constructor(private readonly socket: Socket) {
    socket.on('data', (text: string) => this.receive(text));
    socket.on('error', () => undefined);
    socket.on('close', () => this.pending?.reject(new Error('the connection was closed')));
  }

  static async connect(url: string): Promise<Caller> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), noDelay: true }).setEncoding('latin1');
    await once(socket, 'connect');
    return new Caller(socket);
  }

  /** Throws where the connection is closed, also by `hangUp`. */
  post(path: string, body: object, key?: string, headers?: Readonly<Record<string, string>>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.socket.destroyed) return reject(new Error('the connection was closed'));
      this.pending = { resolve, reject };
      this.socket.write(postText(path, body, key, headers));
    });
  }

  hangUp(): void {
    this.socket.destroy();
  }

  private receive(text: string): void {
    this.received += text;
    const end = endOfAnswer(this.received);
    if (end === undefined || this.received.length < end) return;
    const answer = this.received;
    this.received = '';
    this.pending?.resolve({ status: statusOf(answer), body: answer.slice(answer.indexOf('\r\n\r\n') + 4) });
  }
}
