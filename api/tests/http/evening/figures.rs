//! What every report says of the evening, written out: each key and each figure, broken down by everything that there is. A report that
//! mixed up two columns would add up with itself all the same; it would not be these tables.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sales_of_a_known_evening_are_these_figures() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let all = [7, 4, 9, 43_500, 15_500, 6000, 36_000, 23_448, 4552];
    let expected: &Expected<'_, 9> = &[
        ("show", &[("Evening", all)]),
        (
            "day",
            &[
                ("2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z", [4, 0, 4, 21_500, 0, 0, 14_500, 18_066, 3434]),
                (
                    "2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z",
                    [3, 4, 5, 22_000, 15_500, 6000, 21_500, 5382, 1118],
                ),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-03T10:00:00+02:00 until 2041-05-03T09:00:00Z", [4, 0, 4, 17_500, 0, 0, 14_500, 14_705, 2795]),
                ("2041-05-03T23:00:00+02:00 until 2041-05-03T22:00:00Z", [0, 0, 0, 4000, 0, 0, 0, 3361, 639]),
                ("2041-05-04T00:00:00+02:00 until 2041-05-03T23:00:00Z", [0, 1, 0, 0, 4000, 0, 4000, -3361, -639]),
                (
                    "2041-05-04T10:00:00+02:00 until 2041-05-04T09:00:00Z",
                    [1, 2, 1, 12_000, 5500, 5500, 10_500, 5462, 1038],
                ),
                ("2041-05-04T12:00:00+02:00 until 2041-05-04T11:00:00Z", [2, 1, 4, 10_000, 6000, 500, 7000, 3281, 719]),
            ],
        ),
        (
            "ticket_type",
            &[
                ("Seat", [5, 3, 5, 31_500, 9000, 2500, 30_000, 18_906, 3594]),
                ("Pair", [2, 1, 4, 12_000, 6000, 3000, 6000, 5042, 958]),
                // A refund that voids nothing is of no ticket.
                ("none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
        (
            "channel",
            &[
                ("box_office", [5, 0, 7, 18_000, 500, 500, 15_000, 14_625, 2875]),
                ("web", [1, 2, 1, 16_000, 9500, 0, 11_500, 5462, 1038]),
                ("api", [1, 2, 1, 9500, 5500, 5500, 9500, 3361, 639]),
            ],
        ),
        (
            "price",
            &[
                ("4000", [5, 1, 5, 24_000, 4000, 0, 24_000, 16_805, 3195]),
                ("2500", [0, 2, 0, 7500, 5000, 2500, 6000, 2101, 399]),
                ("3000", [2, 1, 4, 12_000, 6000, 3000, 6000, 5042, 958]),
                ("none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
        (
            "category",
            &[
                ("A", [5, 1, 5, 24_000, 4000, 0, 24_000, 16_805, 3195]),
                ("B", [0, 2, 0, 7500, 5000, 2500, 6000, 2101, 399]),
                ("none", [2, 1, 4, 12_000, 6500, 3500, 6000, 4542, 958]),
            ],
        ),
        (
            "section",
            &[
                // A seat was moved from here to there, and what was paid for it was paid here.
                ("Stalls", [4, 1, 4, 20_000, 4000, 0, 24_000, 13_444, 2556]),
                ("Balcony", [1, 2, 1, 11_500, 5000, 2500, 6000, 5462, 1038]),
                ("Floor", [2, 1, 4, 12_000, 6000, 3000, 6000, 5042, 958]),
                ("none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
        (
            "status",
            &[
                ("paid", [6, 2, 7, 28_500, 6000, 3500, 28_500, 18_826, 3674]),
                ("awaiting_payment", [1, 0, 2, 5500, 0, 0, 1000, 4622, 878]),
                ("expired", [0, 0, 0, 3000, 3000, 0, 0, 0, 0]),
                ("cancelled", [0, 1, 0, 4000, 4000, 0, 4000, 0, 0]),
                ("refunded", [0, 1, 0, 2500, 2500, 2500, 2500, 0, 0]),
            ],
        ),
        (
            "day,ticket_type",
            &[
                (
                    "2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z, Seat",
                    [4, 0, 4, 18_500, 0, 0, 14_500, 15_545, 2955],
                ),
                ("2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z, Pair", [0, 0, 0, 3000, 0, 0, 0, 2521, 479]),
                (
                    "2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z, Seat",
                    [1, 3, 1, 13_000, 9000, 2500, 15_500, 3361, 639],
                ),
                (
                    "2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z, Pair",
                    [2, 1, 4, 9000, 6000, 3000, 6000, 2521, 479],
                ),
                ("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z, none", [0, 0, 0, 0, 500, 500, 0, -500, 0]),
            ],
        ),
    ];
    says(&evening, "sales", SALES, all, expected).await;

    // As of the end of the first day, the order that nobody will pay is not yet over, nor is the other cancelled.
    let then = format!("&at={}", evening.first_day);
    let all = [4, 0, 4, 21_500, 0, 0, 14_500, 18_066, 3434];
    let by_status: &[(&str, _)] = &[
        ("paid", [4, 0, 4, 14_500, 0, 0, 14_500, 12_184, 2316]),
        ("awaiting_payment", [0, 0, 0, 7000, 0, 0, 0, 5882, 1118]),
    ];
    assert_eq!(evening.report("sales", SALES, "status", &then).await, rows(by_status, all));
    // From one time until another, the first counts and the second does not.
    let between = "&from=2041-05-03T08:50:00Z&to=2041-05-03T22:00:00Z";
    let all = [2, 0, 2, 4000, 0, 0, 6500, 3361, 639];
    let by_section: &[(&str, _)] =
        &[("Stalls", [1, 0, 1, 4000, 0, 0, 4000, 3361, 639]), ("Balcony", [1, 0, 1, 0, 0, 0, 2500, 0, 0])];
    assert_eq!(evening.report("sales", SALES, "section", between).await, rows(by_section, all));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn holds_of_a_known_evening_are_these_and_came_to_this() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let all = [8, 15, 35_500];
    let expected: &Expected<'_, 3> = &[
        ("show", &[("Evening", all)]),
        (
            "outcome",
            &[
                ("open", [1, 3, 7000]),
                ("released", [1, 2, 6500]),
                // One as a hold, one as the order that nobody paid.
                ("expired", [2, 4, 6000]),
                ("ordered", [4, 6, 16_000]),
            ],
        ),
        ("channel", &[("web", [6, 10, 25_500]), ("box_office", [1, 2, 3000]), ("api", [1, 3, 7000])]),
        // The one that is of both counts with its first item, and its places with their own.
        ("ticket_type", &[("Seat", [5, 7, 23_500]), ("Pair", [3, 8, 12_000])]),
        (
            "day",
            &[
                ("2041-05-03T00:00:00+02:00 until 2041-05-03T22:00:00Z", [4, 7, 20_000]),
                ("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z", [4, 8, 15_500]),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-03T10:00:00+02:00 until 2041-05-03T09:00:00Z", [3, 6, 16_000]),
                ("2041-05-03T23:00:00+02:00 until 2041-05-03T22:00:00Z", [1, 1, 4000]),
                ("2041-05-04T00:00:00+02:00 until 2041-05-03T23:00:00Z", [1, 2, 3000]),
                ("2041-05-04T10:00:00+02:00 until 2041-05-04T09:00:00Z", [1, 1, 2500]),
                ("2041-05-04T12:00:00+02:00 until 2041-05-04T11:00:00Z", [1, 2, 3000]),
                ("2041-05-04T19:00:00+02:00 until 2041-05-04T18:00:00Z", [1, 3, 7000]),
            ],
        ),
        (
            "ticket_type,outcome",
            &[
                ("Seat, released", [1, 2, 6500]),
                ("Seat, ordered", [3, 4, 13_000]),
                ("Seat, open", [1, 1, 4000]),
                ("Pair, expired", [2, 4, 6000]),
                ("Pair, ordered", [1, 2, 3000]),
                ("Pair, open", [0, 2, 3000]),
            ],
        ),
    ];
    says(&evening, "holds", HOLDS, all, expected).await;
    // As of the end of the first day, the order that nobody will pay may yet be paid.
    let then = format!("&at={}", evening.first_day);
    let by_outcome: &[(&str, _)] = &[("released", [1, 2, 6500]), ("ordered", [3, 5, 13_500])];
    assert_eq!(evening.report("holds", HOLDS, "outcome", &then).await, rows(by_outcome, [4, 7, 20_000]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_came_to_a_known_evening_who_was_refused_and_who_did_not_come() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let attendance = ["admitted", "returned", "departed", "undone", "overridden", "refused"];
    let all = [7, 1, 1, 1, 1, 8];
    let expected: &Expected<'_, 6> = &[
        ("show", &[("Evening", all)]),
        ("gate", &[("North", [3, 0, 1, 1, 0, 3]), ("South", [3, 1, 0, 0, 1, 5]), ("Bar", [1, 0, 0, 0, 0, 0])]),
        ("area", &[("main", [6, 1, 1, 1, 1, 8]), ("Lounge", [1, 0, 0, 0, 0, 0])]),
        ("ticket_type", &[("Seat", [4, 1, 1, 1, 0, 4]), ("Pair", [3, 0, 0, 0, 1, 2]), ("none", [0, 0, 0, 0, 0, 2])]),
        (
            "section",
            &[
                ("Stalls", [4, 1, 1, 0, 0, 3]),
                ("Balcony", [0, 0, 0, 1, 0, 1]),
                ("Floor", [3, 0, 0, 0, 1, 2]),
                ("none", [0, 0, 0, 0, 0, 2]),
            ],
        ),
        (
            "minute",
            &[
                ("2041-05-04T18:59:00+02:00 until 2041-05-04T17:00:00Z", [0, 0, 0, 0, 0, 1]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z", [4, 0, 0, 0, 1, 6]),
                // A device without the network sent this a quarter of an hour later.
                ("2041-05-04T19:06:00+02:00 until 2041-05-04T17:07:00Z", [1, 0, 0, 0, 0, 0]),
                // What was taken back eleven minutes later is taken off here.
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z", [2, 1, 1, 1, 0, 1]),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-04T18:00:00+02:00 until 2041-05-04T17:00:00Z", [0, 0, 0, 0, 0, 1]),
                ("2041-05-04T19:00:00+02:00 until 2041-05-04T18:00:00Z", [7, 1, 1, 1, 1, 7]),
            ],
        ),
        ("day", &[("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z", all)]),
        (
            "minute,gate",
            &[
                ("2041-05-04T18:59:00+02:00 until 2041-05-04T17:00:00Z, North", [0, 0, 0, 0, 0, 1]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z, North", [1, 0, 0, 0, 0, 2]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z, South", [3, 0, 0, 0, 1, 4]),
                ("2041-05-04T19:06:00+02:00 until 2041-05-04T17:07:00Z, North", [1, 0, 0, 0, 0, 0]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z, North", [1, 0, 1, 1, 0, 0]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z, South", [0, 1, 0, 0, 0, 1]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z, Bar", [1, 0, 0, 0, 0, 0]),
            ],
        ),
    ];
    says(&evening, "attendance", attendance, all, expected).await;

    let all = [8, 1];
    let expected: &Expected<'_, 2> = &[
        ("show", &[("Evening", all)]),
        (
            "reason",
            &[
                ("already_checked_in", [1, 0]),
                ("bad_signature", [1, 0]),
                ("not_inside", [1, 0]),
                ("too_early", [1, 0]),
                ("unknown_code", [1, 0]),
                // And then let in all the same.
                ("unpaid", [1, 1]),
                ("void", [1, 0]),
                ("wrong_gate", [1, 0]),
            ],
        ),
        ("gate", &[("North", [3, 0]), ("South", [5, 1])]),
        ("device", &[("Scanner", [2, 0]), ("none", [6, 1])]),
        ("ticket_type", &[("Seat", [4, 0]), ("Pair", [2, 1]), ("none", [2, 0])]),
        (
            "minute",
            &[
                ("2041-05-04T18:59:00+02:00 until 2041-05-04T17:00:00Z", [1, 0]),
                ("2041-05-04T19:05:00+02:00 until 2041-05-04T17:06:00Z", [6, 1]),
                ("2041-05-04T19:20:00+02:00 until 2041-05-04T17:21:00Z", [1, 0]),
            ],
        ),
        (
            "hour",
            &[
                ("2041-05-04T18:00:00+02:00 until 2041-05-04T17:00:00Z", [1, 0]),
                ("2041-05-04T19:00:00+02:00 until 2041-05-04T18:00:00Z", [7, 1]),
            ],
        ),
        ("day", &[("2041-05-04T00:00:00+02:00 until 2041-05-04T22:00:00Z", all)]),
        (
            "reason,gate",
            &[
                ("already_checked_in, North", [1, 0]),
                ("bad_signature, South", [1, 0]),
                ("not_inside, South", [1, 0]),
                ("too_early, North", [1, 0]),
                ("unknown_code, South", [1, 0]),
                ("unpaid, South", [1, 1]),
                ("void, South", [1, 0]),
                ("wrong_gate, North", [1, 0]),
            ],
        ),
    ];
    says(&evening, "refusals", ["refused", "overridden"], all, expected).await;

    let all = [9, 6, 3];
    let expected: &Expected<'_, 3> = &[
        ("show", &[("Evening", all)]),
        ("ticket_type", &[("Seat", [5, 3, 2]), ("Pair", [4, 3, 1])]),
        ("section", &[("Stalls", [4, 3, 1]), ("Balcony", [1, 0, 1]), ("Floor", [4, 3, 1])]),
        // Tickets of B were all voided.
        ("category", &[("A", [5, 3, 2]), ("B", [0, 0, 0]), ("none", [4, 3, 1])]),
        ("channel", &[("box_office", [7, 5, 2]), ("web", [1, 1, 0]), ("api", [1, 0, 1])]),
        (
            "section,channel",
            &[
                ("Stalls, box_office", [2, 2, 0]),
                ("Stalls, web", [1, 1, 0]),
                ("Stalls, api", [1, 0, 1]),
                ("Balcony, box_office", [1, 0, 1]),
                ("Balcony, web", [0, 0, 0]),
                ("Balcony, api", [0, 0, 0]),
                ("Floor, box_office", [4, 3, 1]),
                ("Floor, api", [0, 0, 0]),
            ],
        ),
    ];
    says(&evening, "no-shows", ["issued", "admitted", "no_shows"], all, expected).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_full_a_known_evening_is() -> anyhow::Result<()> {
    let evening = Evening::told().await?;
    let figures = ["capacity", "available", "held", "sold", "blocked", "admitted"];
    let all = [19, 3, 4, 9, 3, 6];
    let expected: &Expected<'_, 6> = &[
        ("show", &[("Evening", all)]),
        ("section", &[("Stalls", [6, 1, 0, 4, 1, 3]), ("Balcony", [5, 2, 2, 1, 0, 0]), ("Floor", [8, 0, 2, 4, 2, 3])]),
        ("category", &[("A", [8, 1, 1, 5, 1, 3]), ("B", [3, 2, 1, 0, 0, 0]), ("none", [8, 0, 2, 4, 2, 3])]),
        // Capacity and blocked places are of no ticket type; what is held and sold is off what is of none.
        (
            "ticket_type",
            &[("Seat", [0, -7, 2, 5, 0, 3]), ("Pair", [0, -6, 2, 4, 0, 3]), ("none", [19, 16, 0, 0, 3, 0])],
        ),
        (
            "section,category",
            &[
                ("Stalls, A", [6, 1, 0, 4, 1, 3]),
                ("Balcony, A", [2, 0, 1, 1, 0, 0]),
                ("Balcony, B", [3, 2, 1, 0, 0, 0]),
                ("Floor, none", [8, 0, 2, 4, 2, 3]),
            ],
        ),
    ];
    says(&evening, "occupancy", figures, all, expected).await;
    // Where nobody says by what, it is by section.
    let path = format!("/api/v1/reports/occupancy?show={}", evening.show);
    let answer = evening.world.get(&path, &[("authorization", &format!("Bearer {ADMIN}"))]).await;
    assert_eq!(answer.json["by"], json!(["section"]), "{}", answer.text);
    // As of the end of the first day, nobody has been, and what was ordered and not paid is held.
    let then = format!("&at={}", evening.first_day);
    let by_section: &[(&str, _)] =
        &[("Stalls", [6, 2, 1, 3, 0, 0]), ("Balcony", [5, 4, 0, 1, 0, 0]), ("Floor", [8, 6, 2, 0, 0, 0])];
    let told = evening.report("occupancy", figures, "section", &then).await;
    assert_eq!(told, rows(by_section, [19, 12, 3, 4, 0, 0]));
    Ok(())
}
