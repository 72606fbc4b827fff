import type { Fields, SectionFields, TextField } from './fields.js';
import { LABELS } from './fields.js';
import { Icon } from '../ui/icons.js';

interface Props {
  readonly fields: Fields;
  /** Whether an event with tickets in one pool may become one with sections. */
  readonly mayChoosePools: boolean;
  readonly onChange: (fields: Fields) => void;
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const NEW_SECTION: SectionFields = { id: undefined, name: '', capacity: '', amount: '', isRemoved: false };

export function EventFields({ fields, mayChoosePools, onChange }: Props) {
  const hasSections = fields.sections.length > 0;
  const text = (name: TextField, attributes: Record<string, unknown> = {}) => (
    <label class={name}>
      {LABELS[name]}
      <input
        name={name}
        value={fields[name]}
        onInput={({ currentTarget: { value } }) =>
          onChange({ ...fields, [name]: name === 'currency' ? value.toUpperCase() : value })
        }
        {...attributes}
      />
    </label>
  );
  const whole = { inputMode: 'numeric', placeholder: 'No limit' };
  const setSection = (place: number, change: Partial<SectionFields>) => {
    const sections = fields.sections.map((section, index) => (index === place ? { ...section, ...change } : section));
    // A new one that is removed again was never there.
    onChange({ ...fields, sections: sections.filter(({ id, isRemoved }) => id !== undefined || !isRemoved) });
  };
  return (
    <div class="body fields">
      <p class="muted small">Times are in the zone of this computer, {ZONE}.</p>
      {text('name', { required: true, maxLength: 200, autofocus: true })}
      {text('startsAt', { type: 'datetime-local' })}
      {text('salesStartAt', { type: 'datetime-local' })}
      {text('salesEndAt', { type: 'datetime-local' })}
      {!hasSections && text('totalTickets', { inputMode: 'numeric', required: true })}
      {!hasSections && text('amount', { inputMode: 'decimal', placeholder: 'Free' })}
      {text('currency', { maxLength: 3, required: true })}
      {text('maxTicketsPerUser', whole)}
      {text('maxTicketsPerBooking', whole)}
      {text('reference', { maxLength: 128 })}
      {(hasSections || mayChoosePools) && (
        <fieldset>
          <legend>Sections</legend>
          {fields.sections.map((section, place) => (
            <SectionRow
              key={section.id ?? `new ${place}`}
              section={section}
              onChange={(change) => setSection(place, change)}
            />
          ))}
          <button
            type="button"
            class="quiet"
            onClick={() => onChange({ ...fields, sections: [...fields.sections, NEW_SECTION] })}
          >
            <Icon name="plus" />
            Add a section
          </button>
        </fieldset>
      )}
    </div>
  );
}

interface RowProps {
  readonly section: SectionFields;
  readonly onChange: (change: Partial<SectionFields>) => void;
}

function SectionRow({ section, onChange }: RowProps) {
  const text = (name: 'name' | 'capacity' | 'amount', label: string, attributes: Record<string, unknown> = {}) => (
    <label>
      {label}
      <input
        name={`section-${name}`}
        value={section[name]}
        disabled={section.isRemoved}
        onInput={(event) => onChange({ [name]: event.currentTarget.value })}
        {...attributes}
      />
    </label>
  );
  return (
    <div class={section.isRemoved ? 'section removed' : 'section'}>
      {text('name', 'Name', { required: !section.isRemoved, maxLength: 200 })}
      {text('capacity', 'Capacity', { inputMode: 'numeric', required: !section.isRemoved })}
      {text('amount', 'Price', { inputMode: 'decimal', placeholder: 'Free' })}
      <button type="button" class="quiet" onClick={() => onChange({ isRemoved: !section.isRemoved })}>
        {section.isRemoved ? 'Keep' : 'Remove'}
      </button>
    </div>
  );
}
