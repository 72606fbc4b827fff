import { count, price } from '../lib/format.js';
import type { Availability, TicketEvent } from '../lib/types.js';
import { CapacityBar, Card } from '../ui/parts.js';
import { CapacityHead } from '../ui/tables.js';

export function Sections({ event, live }: { event: TicketEvent; live: Availability | undefined }) {
  const newest = live && live.revision >= event.revision ? live : undefined;
  return (
    <Card title="Sections" class="full flush" hasAge={false}>
      <table class="sections">
        <CapacityHead>
          <th scope="col">Section</th>
        </CapacityHead>
        <tbody>
          {event.sections.map((section) => {
            const now = newest?.sections.find(({ _id }) => _id === section._id);
            const [available, held, sold] = [
              now?.availableTickets ?? section.availableTickets,
              now?.heldTickets,
              now?.soldTickets,
            ];
            return (
              <tr key={section._id}>
                <th scope="row">
                  {section.name}
                  <span class="muted small">{section.price ? price(section.price) : ''}</span>
                </th>
                <td class="wide">
                  {now && (
                    <CapacityBar
                      total={section.capacity}
                      available={available}
                      held={now.heldTickets}
                      sold={now.soldTickets}
                    />
                  )}
                </td>
                <td class="number strong" data-label="Available">
                  {count(available)}
                </td>
                <td class="number" data-label="Held">
                  {held === undefined ? '–' : count(held)}
                </td>
                <td class="number" data-label="Sold">
                  {sold === undefined ? '–' : count(sold)}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Card>
  );
}
