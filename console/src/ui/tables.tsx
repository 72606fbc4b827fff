import type { ComponentChildren } from 'preact';

/** The head of a table that shows how the capacity of each row is shared out. `children` are the heads before. */
export function CapacityHead({ children }: { children: ComponentChildren }) {
  return (
    <thead>
      <tr>
        {children}
        <th scope="col" class="wide">
          Capacity
        </th>
        <NumberHead name="Available" />
        <NumberHead name="Held" />
        <NumberHead name="Sold" />
      </tr>
    </thead>
  );
}

/** A small table of users with their tickets, and one thing more. */
export function UsersTable({ last, children }: { last: string; children: ComponentChildren }) {
  return (
    <table class="compact">
      <thead>
        <tr>
          <th scope="col">User</th>
          <NumberHead name="Tickets" />
          <NumberHead name={last} />
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  );
}

function NumberHead({ name }: { name: string }) {
  return (
    <th scope="col" class="number">
      {name}
    </th>
  );
}
