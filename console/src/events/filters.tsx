import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../ui/icons.js';
import { statusLabel, STATUSES } from '../ui/parts.js';

const TYPING_MS = 250;
const SORTS = { newest: 'Newest first', startsAt: 'Soonest first', name: 'By name' } as const;

interface Props {
  readonly query: URLSearchParams;
  readonly onChange: (query: Record<string, string | undefined>) => void;
}

/** The start of a day in the viewer's zone, and back. */
const toInstant = (day: string) => (day === '' ? undefined : new Date(`${day}T00:00`).toISOString());
const toDay = (iso: string | null) => {
  if (iso === null) return '';
  const date = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
};

export function Filters({ query, onChange }: Props) {
  const [name, setName] = useState(query.get('name') ?? '');
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const change = (changed: Record<string, string | undefined>) =>
    onChange({ ...Object.fromEntries(query), ...changed });
  useEffect(() => () => clearTimeout(timer.current), []);
  const typed = (text: string) => {
    setName(text);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => change({ name: text.trim() }), TYPING_MS);
  };
  const day = (name: string, label: string, parameter: 'startsFrom' | 'startsTo') => (
    <label>
      {label}
      <input
        name={name}
        type="date"
        value={toDay(query.get(parameter))}
        onChange={(event) => change({ [parameter]: toInstant(event.currentTarget.value) })}
      />
    </label>
  );
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label class="search">
        <span class="hidden">Search by name</span>
        <Icon name="search" />
        <input
          name="name"
          type="search"
          placeholder="Search by name"
          maxLength={200}
          value={name}
          onInput={(event) => typed(event.currentTarget.value)}
        />
      </label>
      <label>
        Status
        <select
          name="status"
          value={query.get('status') ?? ''}
          onChange={(event) => change({ status: event.currentTarget.value })}
        >
          <option value="">All</option>
          {STATUSES.map((status) => (
            <option key={status} value={status}>
              {statusLabel(status)}
            </option>
          ))}
        </select>
      </label>
      {day('from', 'Starts from', 'startsFrom')}
      {day('to', 'Starts before', 'startsTo')}
      <label>
        Order
        <select
          name="sort"
          value={query.get('sort') ?? 'newest'}
          onChange={(event) => change({ sort: event.currentTarget.value })}
        >
          {Object.entries(SORTS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
    </form>
  );
}
