import { Problem } from '../../../src/common/problem.js';
import type { Owner } from '../../../src/bookings/lane/errand.js';
import { seal } from '../../../src/platform/peers/index.js';
import { covers } from './simulated-inventory.js';
import type { PlantedBug } from './planted-bugs.js';
import type { Parts } from './simulated-process.js';
import { STORY_OF_THE_LATE_OWNER, STORY_OF_THE_SECOND_COPY } from './stories-of-routing.js';

type Read = (text: string) => unknown;

/** Mistakes in how commands get to the owner of their event, and back. */
export const PLANTED_IN_ROUTING: readonly PlantedBug[] = [
  {
    name: 'an errand is decided after it has expired',
    causes: 'denied, but done',
    story: STORY_OF_THE_LATE_OWNER,
    plant: ({ errands }) => {
      const carryOut = errands.carryOut.bind(errands);
      errands.carryOut = (errand) => carryOut({ ...errand, expiresAt: Infinity });
    },
  },
  {
    name: 'what an owner may have done is tried as if it had not',
    causes: 'denied, but done',
    isRouted: true,
    plant: (parts) => changeSent(parts, () => ({ unresolved: undefined })),
  },
  {
    name: 'who sends an errand does not wait until it has expired',
    causes: 'denied, but done',
    isRouted: true,
    plant: ({ routed }) => {
      const { owners } = routed as unknown as { owners: { ownerOf(eventId: string): Owner | undefined } };
      const ownerOf = owners.ownerOf.bind(owners);
      owners.ownerOf = (eventId) => {
        const owner = ownerOf(eventId);
        return owner && { id: owner.id, carryOut: (errand) => owner.carryOut(errand, 10) };
      };
    },
  },
  {
    name: 'an errand that comes twice is carried out twice',
    causes: 'denied, but done',
    story: STORY_OF_THE_SECOND_COPY,
    plant: ({ messenger }) => {
      (messenger as unknown as { latest: Map<string, number> }).latest.get = () => 0;
    },
  },
  {
    name: 'a text is taken whoever has signed it',
    causes: 'sold against the rules',
    isRouted: true,
    plant: ({ messenger }) => {
      const reader = messenger as unknown as { read: Read; secret: string };
      const read = reader.read.bind(messenger);
      reader.read = (text) => read(seal(reader.secret, text.slice(text.indexOf(' ') + 1)));
    },
  },
  {
    name: 'each command of an errand gets the report of the next',
    causes: 'answer of another',
    isRouted: true,
    plant: ({ errands }) => {
      const carryOut = errands.carryOut.bind(errands);
      errands.carryOut = async (errand) => {
        const [first, ...others] = await carryOut(errand);
        return [...others, first!];
      };
    },
  },
  {
    name: 'an owner that does not answer is said to have done nothing',
    causes: 'denied, but done',
    isRouted: true,
    plant: (parts) =>
      changeSent(parts, (unresolved) => {
        if (unresolved) throw new Problem({ status: 503, code: 'overloaded', title: '', message: '' });
        return {};
      }),
  },
  {
    name: 'who takes itself for the owner needs no guard',
    causes: 'sold against the rules',
    isRouted: true,
    plant: ({ inventory }) => (inventory.guard = (...args) => covers(...args) || true),
  },
];

/** Changes how a command that comes back from an owner enters the own lane. */
function changeSent({ routed }: Parts, change: (unresolved: Problem | undefined) => object): void {
  const { own } = routed as unknown as { own: Parts['lane'] };
  const submit = own.submit.bind(own);
  const changed = Object.assign(Object.create(own) as Parts['lane'], {
    submit: async (...[command, hasDisconnected, arrival = {}]: Parameters<Parts['lane']['submit']>) =>
      submit(command, hasDisconnected, { ...arrival, ...change(arrival.unresolved) }),
  });
  Object.assign(routed, { own: changed });
}
