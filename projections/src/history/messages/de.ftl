# Wie en.ftl, dieselben Meldungen mit denselben Variablen.

## Planning
ShowScheduled = die Veranstaltung { $show } wurde angelegt; sie beginnt am { $starts }
ShowRevised = die Veranstaltung wurde geändert: { $fields }
ShowRescheduled = die Veranstaltung wurde verlegt; sie beginnt am { $starts }
SeatingAdopted = die Plätze wurden gezeichnet: { $seats ->
    [one] ein Sitzplatz
   *[other] { $seats } Sitzplätze
 } und Stehplätze für { $standing }
PoolAdded = das Kontingent { $pool } für { $capacity ->
    [one] eine Person
   *[other] { $capacity } Personen
 } wurde angelegt
PoolRevised = das Kontingent { $pool } wurde geändert; es ist für { $capacity ->
    [one] eine Person
   *[other] { $capacity } Personen
 }
TicketTypeAdded = die Ticketart { $ticket_type } zu { $price } wurde angelegt
TicketTypeRevised = die Ticketart { $ticket_type } wurde geändert; sie kostet { $price }
DoorSet = die Regeln des Einlasses wurden festgelegt: Bereiche { $areas }; Eingänge { $gates }
ShowPublished = die Veranstaltung wurde veröffentlicht; ihre Kurzcodes haben { $digits } Ziffern
SalesPaused = der Verkauf wurde unterbrochen: { $channels }
SalesResumed = der Verkauf wurde wieder aufgenommen: { $channels }
SalesClosed = der Verkauf wurde beendet
ShowCancelled = die Veranstaltung wurde abgesagt{ $reason }
PlacesBlocked = { $places } { $count ->
    [one] wurde
   *[other] wurden
 } gesperrt { $kind }{ $label }
BlockReleased = { $places } { $count ->
    [one] kam
   *[other] kamen
 } aus einer Sperre zurück in den Verkauf{ $whole ->
    [yes] , von der nichts mehr übrig ist
   *[no] {""}
 }

## Sales
HoldPlaced = { $places } { $count ->
    [one] wurde
   *[other] wurden
 } { $channel } bis { $until } vorgemerkt
HoldChanged = eine Vormerkung wurde geändert{ $added }{ $removed }
HoldExtended = eine Vormerkung wurde bis { $until } verlängert
HoldReleased = die Vormerkung für { $places } wurde aufgegeben
HoldExpired = die Vormerkung für { $places } ist abgelaufen
OrderPlaced = Bestellung { $order } wurde { $channel } aufgegeben{ $customer }: { $lines }, { $total }{ $reason }; { $rest }
PaymentRecorded = { $amount } wurden auf Bestellung { $order } gezahlt, { $method }{ $reference }; { $rest }
OrderCancelled = Bestellung { $order } wurde storniert{ $freed }{ $reason }
OrderExpired = Bestellung { $order } wurde nicht rechtzeitig bezahlt und ist verfallen{ $freed }
RefundRecorded = { $amount } der Bestellung { $order } wurden erstattet, { $method }{ $reason }; { $rest }
TicketIssued = { $places } { $count ->
    [one] wurde
   *[other] wurden
 } { $channel } an Bestellung { $order } verkauft: Ticket { $code }, { $ticket_type }, { $price }{ $holder }
TicketVoided = { $ticket } der Bestellung { $order } wurde ungültig gemacht{ $left }{ $kept }{ $reason }
TicketReissued = { $ticket } wurde neu ausgestellt; ältere Codes davon lassen niemanden mehr ein
TicketMoved = Ticket { $code } wurde von Sitzplatz { $from } auf Sitzplatz { $to } umgesetzt
TicketTransferred = { $ticket } wurde übertragen an { $who }
HolderNamed = als Inhaber von { $ticket } wurde genannt: { $who }

## Door
CheckedIn = { $ticket } wurde eingelassen { $where }{ $persons }{ $returning }{ $override }{ $offline }
CheckedOut = { $ticket } wurde hinausgelassen { $where }{ $persons }{ $override }{ $offline }
CheckInRefused = { $ticket } wurde abgewiesen { $where }{ $direction ->
    [out] {" "}auf dem Weg hinaus
   *[in] {""}
 }: { $why }{ $offline }
CheckInUndone = { $direction ->
    [out] der Auslass
   *[in] der Einlass
 } von { $ticket } { $where } am { $at } wurde zurückgenommen{ $reason }
AdmissionConflictFound = Gerät und Server sind uneins über { $ticket } { $where }: das Gerät sagte { $device_said }, der Server { $server_said }
PersonsCounted = { $persons ->
    [one] eine Person ohne Ticket wurde
   *[other] { $persons } Personen ohne Ticket wurden
 } gezählt { $where }, { $direction ->
    [out] hinaus
   *[in] herein
 }{ $reason }

## Organization
OrganizationFounded = die Organisation { $name } wurde gegründet
SettingsChanged = Einstellungen wurden geändert: { $settings }
MemberInvited = { $who } wurde eingeladen als { $role }
MemberAdded = { $who } wurde aufgenommen als { $role }
MemberJoined = { $who } hat die Einladung angenommen
MemberRoleChanged = { $who } hat eine andere Rolle: { $to } statt { $from }
MemberRemoved = { $who } wurde entfernt
ApiKeyIssued = der Schlüssel { $key } wurde ausgestellt als { $role }
ApiKeyRetired = der Schlüssel { $key } wird durch { $successor } ersetzt und gilt bis { $until }
ApiKeyRevoked = der Schlüssel { $key } wurde widerrufen
DevicePairingOffered = das Gerät { $device } darf gekoppelt werden
DevicePaired = das Gerät { $device } wurde gekoppelt
DeviceRevoked = das Gerät { $device } wurde entkoppelt
SignedIn = { $who } hat sich angemeldet{ $times }
SignInsFailed = die Anmeldung ist misslungen als { $who }{ $times }
CodeGuessingNoticed = jemand rät Kurzcodes der Veranstaltung { $show }: { $codes } unbekannte{ $throttled ->
    [yes] , und wird gebremst
   *[no] {""}
 }
PersonErased = was über eine Person bekannt war, wurde gelöscht{ $reason }
RetentionEnded = was über die Leute der Veranstaltung { $show } bekannt war, wurde gelöscht{ $kept ->
    [money] , bis auf das zum Geld Notierte
   *[nothing] {""}
 }
TextRetentionEnded = Namen und Gründe der Organisation, deren Zeit um war, wurden gelöscht
unreadable = { $type }, was diese Version nicht lesen kann

## Who
sentence = { $what } ({ $who })
actor-member = Mitglied { $name }
actor-key = Schlüssel { $name }
actor-device = Gerät { $name }
actor-buyer = wer kauft
actor-admin = die Verwaltung
actor-system = das System
actor-staff = jemand vom Haus
actor-demo = die Vorführung
actor-other = { $name }
member = Mitglied { $name }
erased = [gelöscht]
somebody = jemand

## What and where
list-and = { $list } und { $last }
list-more = { $list } und { $count ->
    [one] ein weiterer
   *[other] { $count } weitere
 }
seat = Sitzplatz { $seat }
seats = Sitzplätze { $seats }
standing = { $persons ->
    [one] 1 Platz
   *[other] { $persons } Plätze
 } in { $section }
anywhere = { $persons ->
    [one] 1 Platz
   *[other] { $persons } Plätze
 }
nowhere = kein Platz
ticket = Ticket { $code } ({ $seat })
ticket-plain = Ticket { $code }
no-ticket = jemand ohne Ticket dieser Veranstaltung
shown-short_code = ein Kurzcode
shown-token = ein QR-Code
shown-ticket = ein Ticket
line = { $count } × { $ticket_type }
line-fee = eine Gebühr von { $amount }
line-discount = ein Nachlass von { $amount }
line-donation = eine Spende von { $amount }
line-product = eine Ware zu { $amount }
for-who = {" "}für { $who }
holder = , für { $who }
at-gate = am Eingang { $gate }
at-area = im Bereich { $area }
price-between = { $from } bis { $to }
hold-added = ; dazu kam { $places }
hold-removed = ; nicht mehr dabei: { $places }
freed = ; wieder frei: { $places }
kept-place = ; der Platz bleibt aus dem Verkauf
holder-has-left = ; wer es hatte, ist hinausgegangen
reason = : „{ $text }“
label = {" "}(„{ $text }“)
rest-none = nichts ist offen
rest-due = { $amount } sind noch offen
rest-owed = { $amount } stehen dem Käufer zu
party = , { $persons } Personen
returning = , zurück nach einem Auslass
override = , gegen die Regel ({ $why }){ $reason }
offline = {" "}(vom Gerät ohne Netz entschieden)
times = , { $count }-mal
everywhere = auf allen Wegen
none = keine
channel-web = im Web
channel-box_office = an der Kasse
channel-door = am Einlass
channel-api = über die API
kind-house = für das Haus
kind-production = für die Technik
kind-guest_list = für Gäste
kind-promoter = für den Veranstalter
kind-broken = als defekt
method-cash = bar
method-card_terminal = mit Karte
method-bank_transfer = per Überweisung
method-other = per { $method }
field-name = der Name
field-description = die Beschreibung
field-venue = der Ort
field-sales = der Verkaufszeitraum
field-hold_seconds = die Dauer von Vormerkungen
field-pay_within_seconds = die Zahlungsfrist
role-owner = Inhaber
role-manager = Leitung
role-seller = Verkauf
role-door = Einlass
role-auditor = Prüfung
role-analyst = Auswertung

## Why refused
said-admitted = eingelassen
said-refused = abgewiesen ({ $why })
why-unsaid = ein Grund wurde nicht genannt
why-already_checked_in = schon eingelassen{ $previous }
why-not_inside = niemand damit war drinnen
why-unknown_code = kein Ticket der Veranstaltung hat ihn
why-bad_signature = nicht hier unterschrieben
why-wrong_show = gilt für eine andere Veranstaltung{ $other_show }
why-wrong_area = gilt nicht für den Bereich { $area }
why-wrong_gate = ein anderer Eingang ist dafür da
why-void = war ungültig
why-replaced = durch ein neueres ersetzt
why-unpaid = war nicht bezahlt{ $due }
why-too_early = der Einlass hatte noch nicht begonnen{ $moment }
why-not_yet_valid = war noch nicht gültig{ $moment }
why-no_longer_valid = war nicht mehr gültig{ $moment }
why-area_full = der Bereich { $area } war voll
why-show_cancelled = die Veranstaltung war abgesagt
previous = {" "}am { $at }{ $gate }
previous-gate = {" "}am Eingang { $gate }
other-show = , { $show }
due = ; { $amount } waren offen
moment = {" "}({ $at })

## Around a replayed story
replay-zone = Die Zeiten sind die von { $zone }.
replay-state-seated = frei { $free }, vorgemerkt { $held }, verkauft { $sold }, gesperrt { $blocked }
replay-state = vorgemerkt { $held }, verkauft { $sold }
replay-due = ; { $amount } offen aus { $orders ->
    [one] einer Bestellung
   *[other] { $orders } Bestellungen
 }
replay-people = ; eingelassen { $admitted }, drinnen { $inside }
replay-wrong = FALSCH: { $what }
replay-nothing = Bis dahin war nichts aufgezeichnet.
replay-ended = „{ $name }“ ({ $slug }), { $status }, nach { $events ->
    [one] 1 Ereignis
   *[other] { $events } Ereignissen
 }, an Position { $position }, { $at } ({ $zone })
replay-places = Plätze
replay-door = Einlass
replay-door-saw = { $valid ->
    [one] 1 gültiges Ticket
   *[other] { $valid } gültige Tickets
 }, { $admitted ->
    [one] 1 Person
   *[other] { $admitted } Personen
 } eingelassen, { $inside } drinnen, { $refused ->
    [one] 1 Abweisung
   *[other] { $refused } Abweisungen
 }
replay-hash = Hash
replay-fold = Faltung { $fold }
replay-help = Eingabetaste: der nächste Schritt; eine Zahl: so viele Schritte; g POSITION: weiter bis zu dieser Position; q: Schluss
status-draft = im Entwurf
status-published = veröffentlicht
status-paused = unterbrochen
status-closed = nicht mehr im Verkauf
status-cancelled = abgesagt

## What a look at a log found
found-at = Position { $position }: { $what }
found-nothing = Alles ist richtig: { $looked }.
found-one = Eines ist falsch: { $looked }.
found-several = { $count } Dinge sind falsch: { $looked }.
found-more = { $count } Dinge sind falsch, die ersten { $named } davon sind genannt: { $looked }.
looked = { $events ->
    [one] 1 Ereignis
   *[other] { $events } Ereignisse
 } in { $streams ->
    [one] 1 Strom
   *[other] { $streams } Strömen
 }, angesehen in { $seconds } s ({ $rate } je Sekunde)
