//! Orders of a show, and one order.

use axum::{extract::State, response::Response};
use domain::ids::OrderId;
use projections::{
    Answer,
    queries::{List, OrderFound, OrdersFilter},
    views::OrderView,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{SeenShow, may_see, page, past::past};
use crate::{
    answer::{Conditions, For},
    app::QuerySide,
    extract::{AsOf, Cursor, Limit, Moment, Needs, Params, PathIds, Position, SearchText, ShowName},
    openapi::StaffProblems,
    permissions::may,
    problem::Problem,
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct OrdersParams {
    /// Part of the reference, a seat, a name or an e-mail address, whatever its case; or a whole short code.
    #[param(value_type = Option<String>)]
    q: Option<SearchText>,
    /// How it stands.
    #[param(inline)]
    status: Option<OrderStatus>,
    /// At most so many items.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor>,
    /// The list as it stood then, by all that was recorded until this time.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Moment>,
    /// The same by all up to this position of the log; not together with `as_of`.
    #[param(value_type = Option<u64>, minimum = 0)]
    at: Option<u64>,
}

/// How an order stands.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OrderStatus {
    AwaitingPayment,
    Paid,
    Cancelled,
    Expired,
}

impl OrderStatus {
    fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Paid => "paid",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }
}

/// An order with its show.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OrderWithShow {
    #[serde(flatten)]
    order: OrderView,
    /// Its show.
    show: Uuid,
}

/// Orders of a show
///
/// The latest first, with their lines, money, customers and tickets.
#[utoipa::path(
    get,
    path = "/shows/{show}/orders",
    tag = "Selling",
    params(("show" = String, Path, description = "Its id or slug"), OrdersParams),
    responses((status = OK, body = List<OrderView>), StaffProblems)
)]
pub(super) async fn list_orders(
    State(app): State<QuerySide>,
    needs: Needs<may::ListOrders>,
    ShowName(name): ShowName,
    position: Position,
    params: Params<OrdersParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let seen = SeenShow::find_own(&app, &needs.caller, &name, position).await?;
    let params = params.get()?;
    let filter = OrdersFilter {
        q: params.q.map(|q| q.0).filter(|q| !q.is_empty()),
        status: params.status.map(|status| status.as_str().to_owned()),
    };
    let page = page(params.limit, params.cursor);
    if let Some(moment) = AsOf::new(params.as_of, params.at).moment()? {
        let past = seen.past(&app, moment).await?;
        return conditions.json(past.stand.position, For::Caller, &past.orders(&filter, &page).await?);
    }
    let orders = app.queries.orders(seen.organization, seen.id, &filter, &page).await?;
    conditions.json(orders.position, For::Caller, &orders.body)
}

/// An order
///
/// For sellers of its organization, and for whoever has its secret.
#[utoipa::path(
    get,
    path = "/orders/{order}",
    tag = "Selling",
    params(("order" = Uuid, Path, description = "Its id"), AsOf),
    responses((status = OK, body = OrderWithShow), StaffProblems)
)]
pub(super) async fn get_order(
    State(app): State<QuerySide>,
    needs: Needs<may::GetOrder>,
    PathIds(OrderId(id)): PathIds<OrderId>,
    position: Position,
    params: Params<AsOf>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = app.queries.find_order(id).await?.ok_or_else(Problem::not_found)?;
    may_see(&app, &needs.caller, found, id, position).await?;
    let order = match params.get()?.moment()? {
        Some(moment) => {
            let past = past(&app, &needs.caller, found.organization, found.show, moment).await?;
            Answer { position: past.stand.position, body: past.order(id).await? }
        }
        None => app.queries.order(found.organization, id).await?,
    };
    let OrderFound { order: view, show, .. } = order.body.ok_or_else(Problem::not_found)?;
    conditions.json(order.position, For::Caller, &OrderWithShow { order: view, show })
}
