import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A name that servers with the same secret share: others may use the same Redis or RabbitMQ. Nobody learns the secret from it. */
export function nameOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex').slice(0, 16);
}

/** The content with a signature, which only who knows the secret can make. */
export function seal(secret: string, content: string): string {
  return `${sign(secret, content)} ${content}`;
}

/** The content of a text that was sealed with this secret; undefined for any other text. */
export function unseal(secret: string, text: string): string | undefined {
  const space = text.indexOf(' ');
  const [signature, content] = [text.slice(0, Math.max(0, space)), text.slice(space + 1)];
  return isSame(signature, sign(secret, content)) ? content : undefined;
}

function sign(secret: string, content: string): string {
  return createHmac('sha256', secret).update(content).digest('base64');
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
