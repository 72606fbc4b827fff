import { describe, expect, it } from '@jest/globals';
import { refuseBadUri } from '../../src/platform/database/connection-string.js';
import { StartupError } from '../../src/platform/database/index.js';

const uriWith = (options: string) => `mongodb://user:hunter2@localhost:27017/shop?replicaSet=rs0${options}`;

describe('a connection string', () => {
  it.each(['', '&w=majority', '&w=majority&journal=true', '&journal=true', '&wtimeoutMS=1000'])(
    'that can lose nothing is taken: %j',
    async (options) => {
      await expect(refuseBadUri(uriWith(options))).resolves.toBeUndefined();
    },
  );

  it.each(['&w=1', '&w=0', '&w=2', '&w=myTag', '&journal=false', '&w=majority&journal=false'])(
    'that can lose acknowledged bookings is refused: %s',
    async (options) => {
      await expect(refuseBadUri(uriWith(options))).rejects.toThrow(/MONGO_URI asks for the write concern .*can lose/);
    },
  );

  it.each(['mongodb://', 'mongodb://host:port', uriWith('&unknown=1')])('that is none is refused: %s', async (uri) => {
    await expect(refuseBadUri(uri)).rejects.toThrow(StartupError);
  });

  it('never appears in what is said of it, since it may hold a password', async () => {
    for (const uri of ['mongodb://user:hunter2/3@localhost/shop', 'mongodb://user:hunter2@localhost:99999/shop']) {
      await expect(refuseBadUri(uri)).rejects.toThrow(/^(?!.*hunter2)/s);
    }
    for (const options of ['&w=1', '&unknown=1', '&readPreference=wrong']) {
      await expect(refuseBadUri(uriWith(options))).rejects.toThrow(/^(?!.*hunter2)/s);
    }
  });

  it('with a port that is none names the host', async () => {
    await expect(refuseBadUri('mongodb://localhost:99999/shop')).rejects.toThrow(/localhost:99999 is no host and port/);
  });

  it('with a compressor that MongoDB does not have names it', async () => {
    await expect(refuseBadUri(uriWith('&compressors=brotli'))).rejects.toThrow(/brotli is not a valid compression/);
  });

  it.each(['snappy', 'zstd', 'zlib,zstd'])('with a compressor whose package is missing names it: %s', async (names) => {
    const refusal = refuseBadUri(uriWith(`&compressors=${names}`));
    await expect(refusal).rejects.toThrow(/asks for the compressor (snappy|zstd), whose package \S+ is not installed/);
    await expect(refuseBadUri(uriWith('&compressors=zlib'))).resolves.toBeUndefined();
  });
});
