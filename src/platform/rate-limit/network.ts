import { isIP } from 'node:net';

/** Some proxies say the port, too. */
const WITH_PORT = /^(?:\[([^\]]+)\]|([^:]+))(?::\d+)?$/;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whom an address belongs to: an IPv4 address to itself, one of IPv6 to its /64, which is what one customer has. */
export function networkOf(named: string): string {
  const [, bracketed, plain] = WITH_PORT.exec(named) ?? [];
  const address = bracketed ?? plain ?? named;
  const mapped = MAPPED.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const version = isIP(address);
  if (version !== 6) return version === 4 ? address : 'unknown';
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - left.length - right.length }, () => '0');
  const network = [...left, ...zeros, ...right].slice(0, 4);
  return `${network.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':');
}
