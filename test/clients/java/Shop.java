import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openapitools.client.ApiClient;
import org.openapitools.client.ApiException;
import org.openapitools.client.api.BookingsApi;
import org.openapitools.client.api.EventsApi;
import org.openapitools.client.api.HealthApi;
import org.openapitools.client.auth.HttpBearerAuth;
import org.openapitools.client.model.*;

/** Sells tickets through the generated client and prints what it saw. Arguments: the server's URL and an API key. */
public class Shop {
  public static void main(String[] args) throws ApiException {
    ApiClient client = new ApiClient();
    client.setBasePath(args[0]);
    ((HttpBearerAuth) client.getAuthentication("bearer")).setBearerToken(args[1]);
    EventsApi events = new EventsApi(client);
    BookingsApi bookings = new BookingsApi(client);
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("health", new HealthApi(client).isReady().getStatus());

    PriceDto price = new PriceDto().amount(3_000_000_000L).currency("EUR");
    EventView film = events.createEvent(new CreateEventRequest(
        new CreateEventWithTicketsDto().name("Film").totalTickets(1).price(price)), null).getEvent();
    EventView concert = events.createEvent(new CreateEventRequest(
        new CreateEventWithSectionsDto().name("Concert").sections(List.of(
            new CreateSectionDto().name("Balcony").capacity(40).price(price),
            new CreateSectionDto().name("Stalls").capacity(120)))), "concert").getEvent();
    seen.put("amount", concert.getSections().get(0).getPrice().getAmount());

    BookRequest oneTicket = new BookRequest(new BookTicketsDto().eventId(film.getId()).userId("Ada"));
    BookingView ticket = bookings.book(oneTicket, "ticket", null).getBooking();
    BookItemsDto items = new BookItemsDto().eventId(concert.getId()).userId("Ada").reference("order-1001")
        .putMetadataItem("channel", "web");
    for (SectionView section : concert.getSections()) {
      items.addItemsItem(new BookItemDto().sectionId(section.getId()).quantity(2));
    }
    BookingView party = bookings.book(new BookRequest(items), null, null).getBooking();
    seen.put("party", List.of(party.getQuantity(), party.getReference(), party.getMetadata().get("channel")));

    try {
      bookings.book(oneTicket, null, null);
    } catch (ApiException refusal) {
      ProblemView problem = new Gson().fromJson(refusal.getResponseBody(), ProblemView.class);
      seen.put("refusal", List.of(problem.getStatus(), problem.getCode()));
    }
    seen.put("cancelled", bookings.cancelBooking(ticket.getId(), null, null).getBooking().getStatus().getValue());
    seen.put("left", events.getEvent(film.getId(), null, null).getEvent().getAvailableTickets());

    EventListResponse first = events.listEvents(1, null, null, null, null, null, null, null);
    EventListResponse second = events.listEvents(1, null, first.getNextCursor(), null, null, null, null, null);
    seen.put("events", List.of(first.getEvents().get(0).getName(), second.getEvents().get(0).getName()));
    List<String> users = new ArrayList<>();
    String cursor = null;
    do {
      BookingListResponse page = bookings.listBookings(2, null, null, null, null, null, null, cursor);
      page.getBookings().forEach((booking) -> users.add(booking.getUserId()));
      cursor = page.getNextCursor();
    } while (cursor != null);
    seen.put("users", users);
    System.out.println(new GsonBuilder().serializeNulls().create().toJson(seen));
  }
}
