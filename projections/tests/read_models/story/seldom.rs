//! What random steps come to too seldom to be relied upon.

use super::*;

impl Story {
    /// The show is called otherwise and moves, its sale pauses, somebody leaves who was not seen coming, one order is cancelled after
    /// a part of it was paid, and another one is not paid in time.
    pub fn what_is_seldom_happens(&mut self) {
        self.say(ShowRevised { name: Some(name("Autumn Cup")), ..ShowRevised::default() });
        let venue = Venue { name: name("Arena"), ..self.show().venue.clone() };
        self.say(ShowRevised { venue: Some(venue), ..ShowRevised::default() });
        self.say(SalesPaused { channels: None });
        self.say(SalesResumed { channels: None });
        self.order_on(Terms::OnAccount);
        self.leave_unseen();
        let cancelled = self.order_on(Terms::PayFirst);
        self.pay(&cancelled, Amount(100));
        self.say(OrderCancelled { order: cancelled.id, reason: None, lines: cancelled.lines });
        let expired = self.order_on(Terms::PayFirst);
        self.say(OrderExpired { order: expired.id, lines: expired.lines });
    }

    /// Of a hold that is placed for it.
    fn order_on(&mut self, terms: Terms) -> domain::show::Order {
        self.hold();
        let (order, hold) = (OrderId(self.thing()), self.open_hold().unwrap());
        self.place(order, &hold, terms, None);
        self.show().order(order).unwrap().clone()
    }
}
