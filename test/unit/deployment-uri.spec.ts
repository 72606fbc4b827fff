import { describe, expect, it } from '@jest/globals';
import { refuseWeakUri } from '../../src/platform/database/deployment.js';
import { StartupError } from '../../src/platform/database/index.js';

const uriWith = (options: string) => `mongodb://user:hunter2@localhost:27017/shop?replicaSet=rs0${options}`;

describe('a connection string', () => {
  it.each(['', '&w=majority', '&w=majority&journal=true', '&journal=true', '&wtimeoutMS=1000'])(
    'that can lose nothing is taken: %j',
    (options) => {
      expect(() => refuseWeakUri(uriWith(options))).not.toThrow();
    },
  );

  it.each(['&w=1', '&w=0', '&w=2', '&w=myTag', '&journal=false', '&w=majority&journal=false'])(
    'that can lose acknowledged bookings is refused: %s',
    (options) => {
      expect(() => refuseWeakUri(uriWith(options))).toThrow(/MONGO_URI asks for the write concern .*can lose/);
    },
  );

  it.each(['mongodb://', 'mongodb://host:port', uriWith('&unknown=1')])('that is none is refused: %s', (uri) => {
    expect(() => refuseWeakUri(uri)).toThrow(StartupError);
  });

  it('never appears in what is said of it, since it may hold a password', () => {
    for (const options of ['&w=1', '&unknown=1', '&readPreference=wrong']) {
      expect(() => refuseWeakUri(uriWith(options))).toThrow(/^(?!.*hunter2)/s);
    }
  });
});
