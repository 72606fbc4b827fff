import { useState } from 'preact/hooks';
import { Fault } from './ui/action.js';

interface Props {
  readonly refusal: string | undefined;
  readonly onKey: (key: string) => void;
}

export function KeyForm({ refusal, onKey }: Props) {
  const [key, setKey] = useState('');
  return (
    <form
      class="sign-in card"
      onSubmit={(event) => {
        event.preventDefault();
        onKey(key.trim());
      }}
    >
      <h1>Operator’s key</h1>
      <p class="muted">
        The server asks for a key with the scope “operate”. It is kept in this tab only, until the tab is closed.
      </p>
      <label>
        Key
        <input
          name="key"
          type="password"
          autocomplete="off"
          required
          autofocus
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
      </label>
      <Fault text={refusal} />
      <button type="submit" class="primary">
        Open the console
      </button>
      <p class="muted small">
        To make a key: <code>npm run -s keys -- create --scope operate</code>
      </p>
    </form>
  );
}
