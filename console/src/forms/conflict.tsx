import { Dialog } from '../ui/dialog.js';
import { changedFields, type Fields, LABELS, type SectionFields, type TextField } from './fields.js';

interface Props {
  readonly base: Fields;
  readonly mine: Fields;
  readonly theirs: Fields;
  readonly onMine: () => void;
  readonly onTheirs: () => void;
  readonly onClose: () => void;
}

interface Row {
  readonly name: string;
  readonly base: string;
  readonly theirs: string;
  readonly mine: string;
}

/** Shows both versions where somebody else has saved the event meanwhile. Nothing was overwritten. */
export function Conflict({ base, mine, theirs, onMine, onTheirs, onClose }: Props) {
  const changed = new Set([...changedFields(base, mine), ...changedFields(base, theirs)]);
  const names = (Object.keys(LABELS) as TextField[]).filter((name) => changed.has(name));
  const rows: Row[] = [
    ...names.map((name) => toRow(name, base, mine, theirs)),
    ...theirs.sections.flatMap((section) => toSectionRow(section, base, mine) ?? []),
  ];
  return (
    <Dialog title="Somebody else has saved this event" isWide onClose={onClose}>
      <div class="body">
        <p>Your changes were not saved, and nothing was overwritten. Compare both versions:</p>
        <div class="scroll">
          <table class="conflict">
            <thead>
              <tr>
                <th scope="col">Field</th>
                <th scope="col">When you began</th>
                <th scope="col">On the server now</th>
                <th scope="col">Yours</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.name}>
                  <th scope="row">{row.name}</th>
                  <td class="muted">{row.base || '–'}</td>
                  <td class={row.theirs === row.base ? 'muted' : 'strong'}>{row.theirs || '–'}</td>
                  <td class={row.mine === row.base ? 'muted' : 'strong'}>{row.mine || '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </div>
      <footer>
        <button type="button" class="quiet" onClick={onTheirs}>
          Take the server’s version
        </button>
        <button type="button" class="primary" onClick={onMine}>
          Put my changes on top
        </button>
      </footer>
    </Dialog>
  );
}

function toRow(name: TextField, base: Fields, mine: Fields, theirs: Fields): Row {
  const shown = (fields: Fields) => fields[name].replace('T', ' ');
  return { name: LABELS[name], base: shown(base), theirs: shown(theirs), mine: shown(mine) };
}

function toSectionRow(theirs: SectionFields, base: Fields, mine: Fields): Row | undefined {
  const words = (section: SectionFields | undefined) => {
    if (!section) return '';
    if (section.isRemoved) return 'removed';
    return [section.name, section.capacity, section.amount].filter((text) => text !== '').join(' · ');
  };
  const find = ({ sections }: Fields) => sections.find(({ id }) => id === theirs.id);
  const row = { base: words(find(base)), theirs: words(theirs), mine: words(find(mine)) };
  if (row.base === row.theirs && row.base === row.mine) return undefined;
  return { name: `Section ${theirs.name}`, ...row };
}
