import { get, type IncomingMessage } from 'node:http';

/** Asks for something, and takes no byte of it until `readAll`. */
export function askSlowly(url: string): Promise<IncomingMessage> {
  // What nobody listens to is left where it is.
  return new Promise((done, fail) => get(url, done).on('error', fail));
}

/** What comes, and whether that is all of it: false where the connection breaks before the end. */
export async function readAll(answer: IncomingMessage): Promise<{ readonly text: string; readonly isWhole: boolean }> {
  let text = '';
  try {
    for await (const piece of answer.setEncoding('utf8')) text += piece;
    return { text, isWhole: answer.complete };
  } catch {
    return { text, isWhole: false };
  }
}
