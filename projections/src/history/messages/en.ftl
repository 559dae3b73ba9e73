# What the history says of its events. A message for each type of event, named like it; below them the words that they are
# made of. A sentence begins in lower case here and is given its capital letter at the end.

## Planning
ShowScheduled = the show { $show } was planned; it starts on { $starts }
ShowRevised = the show was changed: { $fields }
ShowRescheduled = the show was moved to another time; it starts on { $starts }
SeatingAdopted = the places were drawn: { $seats ->
    [one] one seat
   *[other] { $seats } seats
 } and standing room for { $standing }
PoolAdded = the quota { $pool } was added, for { $capacity ->
    [one] one person
   *[other] { $capacity } persons
 }
PoolRevised = the quota { $pool } was changed; it is for { $capacity ->
    [one] one person
   *[other] { $capacity } persons
 }
TicketTypeAdded = the ticket type { $ticket_type } was added, at { $price }
TicketTypeRevised = the ticket type { $ticket_type } was changed; it is sold at { $price }
DoorSet = the rules of the door were set: areas { $areas }; gates { $gates }
ShowPublished = the show was published; its short codes have { $digits } digits
SalesPaused = sales were paused { $channels }
SalesResumed = sales were resumed { $channels }
SalesClosed = sales were closed
ShowCancelled = the show was cancelled{ $reason }
PlacesBlocked = { $places } { $count ->
    [one] was
   *[other] were
 } blocked { $kind }{ $label }
BlockReleased = { $places } { $count ->
    [one] was
   *[other] were
 } put back on sale from a block{ $whole ->
    [yes] , of which nothing is left
   *[no] {""}
 }

## Sales
HoldPlaced = { $places } { $count ->
    [one] was
   *[other] were
 } held { $channel } until { $until }
HoldChanged = a hold was changed{ $added }{ $removed }
HoldExtended = a hold was extended until { $until }
HoldReleased = the hold on { $places } was given up
HoldExpired = the hold on { $places } ran out
OrderPlaced = order { $order } was placed { $channel }{ $customer }: { $lines }, { $total }{ $reason }; { $rest }
PaymentRecorded = { $amount } was paid on order { $order } { $method }{ $reference }; { $rest }
OrderCancelled = order { $order } was cancelled{ $freed }{ $reason }
OrderExpired = order { $order } was not paid in time and expired{ $freed }
RefundRecorded = { $amount } of order { $order } was refunded { $method }{ $reason }; { $rest }
TicketIssued = { $places } { $count ->
    [one] was
   *[other] were
 } sold to order { $order } { $channel }: ticket { $code }, { $ticket_type }, { $price }{ $holder }
TicketVoided = { $ticket } of order { $order } was voided{ $left }{ $kept }{ $reason }
TicketReissued = { $ticket } was issued anew; its older codes admit nobody any more
TicketMoved = ticket { $code } was moved from seat { $from } to seat { $to }
TicketTransferred = { $ticket } was transferred to { $who }
HolderNamed = { $who } was named as holder of { $ticket }

## Door
CheckedIn = { $ticket } was let in { $where }{ $persons }{ $returning }{ $override }{ $offline }
CheckedOut = { $ticket } was let out { $where }{ $persons }{ $override }{ $offline }
CheckInRefused = { $ticket } was refused { $where }{ $direction ->
    [out] {" "}on the way out
   *[in] {""}
 }: { $why }{ $offline }
CheckInUndone = the { $direction ->
    [out] check-out
   *[in] check-in
 } of { $ticket } { $where } at { $at } was taken back{ $reason }
AdmissionConflictFound = device and server disagree about { $ticket } { $where }: the device { $device_said }, the server { $server_said }
PersonsCounted = { $persons ->
    [one] one person without a ticket was
   *[other] { $persons } persons without a ticket were
 } counted { $where }, { $direction ->
    [out] going out
   *[in] coming in
 }{ $reason }

## Organization
OrganizationFounded = the organization { $name } was founded
SettingsChanged = settings were changed: { $settings }
MemberInvited = { $who } was invited as { $role }
MemberAdded = { $who } was made a member as { $role }
MemberJoined = { $who } accepted the invitation
MemberRoleChanged = { $who } has another role: { $to } instead of { $from }
MemberRemoved = { $who } was removed
ApiKeyIssued = the key { $key } was issued as { $role }
ApiKeyRetired = the key { $key } is replaced by { $successor } and taken until { $until }
ApiKeyRevoked = the key { $key } was revoked
DevicePairingOffered = the device { $device } may be paired
DevicePaired = the device { $device } was paired
DeviceRevoked = the device { $device } was revoked
SignedIn = { $who } signed in{ $times }
SignInsFailed = somebody failed to sign in as { $who }{ $times }
CodeGuessingNoticed = somebody guesses short codes of the show { $show }: { $codes } unknown ones{ $throttled ->
    [yes] , and is slowed down
   *[no] {""}
 }
PersonErased = what was known of a person was erased{ $reason }
RetentionEnded = what was known of the people of the show { $show } was erased{ $kept ->
    [money] , but for what was typed about money
   *[nothing] {""}
 }
TextRetentionEnded = names and reasons of the organization whose time was over were erased
unreadable = { $type }, which this version cannot read

## Who
sentence = { $what } ({ $who })
actor-member = member { $name }
actor-key = key { $name }
actor-device = device { $name }
actor-buyer = the buyer
actor-admin = the administrator
actor-system = the system
actor-staff = somebody who works here
actor-demo = the demo
actor-other = { $name }
member = member { $name }
erased = [erased]
somebody = somebody

## What and where
list-and = { $list } and { $last }
list-more = { $list } and { $count } more
seat = seat { $seat }
seats = seats { $seats }
standing = { $persons ->
    [one] one place
   *[other] { $persons } places
 } in { $section }
anywhere = { $persons ->
    [one] one place
   *[other] { $persons } places
 }
nowhere = no place
ticket = ticket { $code } ({ $seat })
ticket-plain = ticket { $code }
no-ticket = somebody without a ticket of this show
shown-short_code = a short code
shown-token = a QR code
shown-ticket = a ticket
line = { $count } × { $ticket_type }
line-fee = a fee of { $amount }
line-discount = a discount of { $amount }
line-donation = a gift of { $amount }
line-product = a product at { $amount }
for-who = {" "}for { $who }
holder = , for { $who }
at-gate = at gate { $gate }
at-area = at area { $area }
price-between = { $from } to { $to }
hold-added = ; it also keeps { $places }
hold-removed = ; it no longer keeps { $places }
freed = ; free again: { $places }
kept-place = ; its place stays out of sale
holder-has-left = ; its holder has left
reason = : “{ $text }”
label = {" "}(“{ $text }”)
rest-none = nothing is due
rest-due = { $amount } is still due
rest-owed = { $amount } is owed to the buyer
party = , { $persons } persons
returning = , back after an exit
override = , against the rule ({ $why }){ $reason }
offline = {" "}(decided by the device without a network)
times = , { $count } times
everywhere = on all channels
none = none
channel-web = on the web
channel-box_office = at the box office
channel-door = at the door
channel-api = through the API
kind-house = for the house
kind-production = for the technicians
kind-guest_list = for guests
kind-promoter = for the promoter
kind-broken = as broken
method-cash = in cash
method-card_terminal = by card
method-bank_transfer = by bank transfer
method-other = by { $method }
field-name = its name
field-description = its description
field-venue = the venue
field-sales = when it is sold
field-hold_seconds = how long holds last
field-pay_within_seconds = the time to pay
role-owner = owner
role-manager = manager
role-seller = seller
role-door = door
role-auditor = auditor
role-analyst = analyst

## Why refused
said-admitted = admitted
said-refused = refused ({ $why })
why-unsaid = no reason was given
why-already_checked_in = it had already been let in{ $previous }
why-not_inside = nobody with it was inside
why-unknown_code = no ticket of the show has it
why-bad_signature = it was not signed here
why-wrong_show = it is for another show{ $other_show }
why-wrong_area = it does not admit to area { $area }
why-wrong_gate = another gate serves it
why-void = it was void
why-replaced = a newer one has replaced it
why-unpaid = it was not paid{ $due }
why-too_early = the doors were not open yet{ $moment }
why-not_yet_valid = it was not valid yet{ $moment }
why-no_longer_valid = it was no longer valid{ $moment }
why-area_full = area { $area } was full
why-show_cancelled = the show was cancelled
previous = {" "}on { $at }{ $gate }
previous-gate = {" "}at gate { $gate }
other-show = , { $show }
due = ; { $amount } was due
moment = {" "}({ $at })

## Around a replayed story
replay-zone = Times are of { $zone }.
replay-state-seated = free { $free }, held { $held }, sold { $sold }, blocked { $blocked }
replay-state = held { $held }, sold { $sold }
replay-due = ; { $amount } due on { $orders ->
    [one] one order
   *[other] { $orders } orders
 }
replay-people = ; admitted { $admitted }, inside { $inside }
replay-wrong = WRONG: { $what }
replay-nothing = Nothing was recorded until then.
replay-ended = "{ $name }" ({ $slug }), { $status }, after { $events ->
    [one] 1 event
   *[other] { $events } events
 }, at position { $position }, { $at } ({ $zone })
replay-places = places
replay-door = door
replay-door-saw = { $valid ->
    [one] 1 valid ticket
   *[other] { $valid } valid tickets
 }, { $admitted ->
    [one] 1 person
   *[other] { $admitted } people
 } admitted, { $inside } inside, { $refused ->
    [one] 1 refusal
   *[other] { $refused } refusals
 }
replay-hash = state hash
replay-fold = fold { $fold }
replay-help = Enter: the next step; a number: so many steps; g POSITION: on to that position; q: quit
status-draft = draft
status-published = published
status-paused = paused
status-closed = closed
status-cancelled = cancelled

## What a look at a log found
found-at = position { $position }: { $what }
found-nothing = All is right: { $looked }.
found-one = One thing is wrong: { $looked }.
found-several = { $count } things are wrong: { $looked }.
found-more = { $count } things are wrong, of which the first { $named } are named: { $looked }.
looked = { $events ->
    [one] 1 event
   *[other] { $events } events
 } in { $streams ->
    [one] 1 stream
   *[other] { $streams } streams
 }, looked at in { $seconds } s ({ $rate } a second)
