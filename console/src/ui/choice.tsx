interface Props<Value extends string> {
  readonly label: string;
  readonly options: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}

/** A few buttons of which one is pressed. */
export function Choice<Value extends string>({ label, options, value, onChange }: Props<Value>) {
  return (
    <div class="choice" role="group" aria-label={label}>
      {(Object.entries(options) as [Value, string][]).map(([option, text]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {text}
        </button>
      ))}
    </div>
  );
}
