/** The fields of a message by their numbers. */
export type Schema = Readonly<Record<number, Field>>;

interface Field {
  readonly name: string;
  readonly type: 'string' | 'bytes' | 'bool' | 'int' | 'fixed32' | 'fixed64' | 'double' | (() => Schema);
  readonly isRepeated?: true;
}

type Message = Record<string, unknown>;

const VARINT = 0;
const EIGHT_BYTES = 1;
const WITH_LENGTH = 2;
const FOUR_BYTES = 5;
const WIRE_TYPES = {
  string: WITH_LENGTH,
  bytes: WITH_LENGTH,
  bool: VARINT,
  int: VARINT,
  fixed32: FOUR_BYTES,
  fixed64: EIGHT_BYTES,
  double: EIGHT_BYTES,
};

/**
 * Decodes a protobuf message. Stricter than a parser has to be: throws for what is cut off, for text that is not UTF-8, for
 * a field twice that is not repeated, and for a field that is not in the schema or has another wire type there.
 */
export function decodeMessage(bytes: Buffer, schema: Schema): Message {
  const message: Message = {};
  for (const { name, isRepeated } of Object.values(schema)) {
    if (isRepeated) message[name] = [];
  }
  const reader = new Reader(bytes);
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint());
    const field = schema[tag >>> 3];
    if (!field) throw new Error(`no field has the number ${tag >>> 3}`);
    const { name, type, isRepeated } = field;
    const wireType = typeof type === 'function' ? WITH_LENGTH : WIRE_TYPES[type];
    if ((tag & 7) !== wireType) throw new Error(`${name} has the wire type ${tag & 7}`);
    const value = reader.value(type);
    if (isRepeated) (message[name] as unknown[]).push(value);
    else if (name in message) throw new Error(`${name} is there twice`);
    else message[name] = value;
  }
  return message;
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  value(type: Field['type']): unknown {
    if (typeof type === 'function') return decodeMessage(this.part(Number(this.varint())), type());
    switch (type) {
      case 'string':
        return new TextDecoder('utf-8', { fatal: true }).decode(this.part(Number(this.varint())));
      case 'bytes':
        return this.part(Number(this.varint())).toString('hex');
      case 'bool':
        return this.varint() !== 0n;
      case 'int':
        return Number(BigInt.asIntN(64, this.varint()));
      case 'fixed32':
        return this.part(4).readUInt32LE();
      case 'fixed64':
        return this.part(8).readBigUInt64LE();
      case 'double':
        return this.part(8).readDoubleLE();
    }
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.part(1)[0]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new Error('a number is too long');
  }

  private part(length: number): Buffer {
    const end = this.at + length;
    if (end > this.bytes.length) throw new Error('the message is cut off');
    const part = this.bytes.subarray(this.at, end);
    this.at = end;
    return part;
  }
}
