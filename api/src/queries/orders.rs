//! Orders of a show, and one order.

use axum::{extract::State, response::Response};
use domain::ids::OrderId;
use projections::{
    queries::{List, OrderFound, OrdersFilter},
    views::OrderView,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{NoParams, SeenShow, may_see, page};
use crate::{
    answer::{Conditions, For},
    app::App,
    extract::{Cursor, Limit, Needs, Params, PathIds, Position, SearchText, ShowName},
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
    State(app): State<App>,
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
    params(("order" = Uuid, Path, description = "Its id")),
    responses((status = OK, body = OrderWithShow), StaffProblems)
)]
pub(super) async fn get_order(
    State(app): State<App>,
    needs: Needs<may::GetOrder>,
    PathIds(OrderId(id)): PathIds<OrderId>,
    position: Position,
    params: Params<NoParams>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let found = app.queries.find_order(id).await?.ok_or_else(Problem::not_found)?;
    may_see(&app, &needs.caller, found, id, position).await?;
    params.get()?;
    let order = app.queries.order(found.organization, id).await?;
    let OrderFound { order: view, show, .. } = order.body.ok_or_else(Problem::not_found)?;
    conditions.json(order.position, For::Caller, &OrderWithShow { order: view, show })
}
