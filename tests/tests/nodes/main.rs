//! Several servers on one database: whatever node is asked, in whatever order, what holds for one holds for all together.

mod access;
mod acknowledged;
mod balancer;
mod cluster;
mod door;
mod linearizability;
mod live;
mod repeats;
mod replica;
mod roles;
mod rotated;
mod selling;
mod standby;
