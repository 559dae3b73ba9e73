//! What breaks in a run, and how often: drawn once for each seed, so that some are calm and some break in one way alone.

use std::{sync::Arc, time::Duration};

use crate::{chance::Chance, nodes::Nodes, server::Server};

/// How often each fault strikes, of a thousand times that it could.
#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// A call's connection breaks before the server has it.
    pub lost_before: u32,
    /// It breaks while the server works, or on the way back.
    pub lost_during: u32,
    /// The connection stays, and no answer comes.
    pub no_reply: u32,
    /// The server says that it cannot now.
    pub later: u32,
    /// A commit takes seconds.
    pub slow_flush: u32,
    /// No connection, or a slow one.
    pub refused: u32,
    pub slow_connect: u32,
    /// A read fails, or is slow.
    pub read_fails: u32,
    pub slow_read: u32,
    /// A snapshot is lost, or an older one is found.
    pub snapshot_fails: u32,
    /// Each of these in a second.
    pub restart: u32,
    pub node_crash: u32,
    pub node_restart: u32,
    pub clock_jump: u32,
}

impl Weather {
    pub fn of(chance: &Chance) -> Self {
        let often = |most: u32| match chance.between(0, 3) {
            0 => 0,
            1 => most / 8,
            2 => most / 2,
            _ => most,
        };
        Self {
            lost_before: often(100),
            lost_during: often(150),
            no_reply: often(60),
            later: often(80),
            slow_flush: often(60),
            refused: often(300),
            slow_connect: often(300),
            read_fails: often(60),
            slow_read: often(150),
            snapshot_fails: often(500),
            restart: often(200),
            node_crash: often(80),
            node_restart: often(80),
            clock_jump: often(300),
        }
    }
}

/// Breaks things for a while; then everything is well, for good.
pub async fn rage(server: Arc<Server>, nodes: Arc<Nodes>, seconds: u32) {
    let (chance, weather) = (server.chance.clone(), server.weather);
    server.set_stormy(true);
    for _ in 0..seconds {
        tokio::time::sleep(Duration::from_millis(500) + chance.millis(0, 1_000)).await;
        if chance.permille(weather.clock_jump) {
            jump(&server, &nodes);
        }
        if chance.permille(weather.restart) {
            server.restart().await;
        }
        if chance.permille(weather.node_crash) {
            nodes.crash().await;
        }
        if chance.permille(weather.node_restart) {
            nodes.restart().await;
        }
    }
    server.set_stormy(false);
    server.trace("calm", "");
}

/// By up to an hour and a half, forward or back, one of the machines.
fn jump(server: &Server, nodes: &Nodes) {
    let chance = &server.chance;
    let seconds = i64::from(chance.between(0, 10_800)) - 5_400;
    let machine = chance.between(0, 2);
    if machine == 0 {
        server.clock.jump(seconds);
    } else {
        nodes.clock(machine as usize - 1).jump(seconds);
    }
    server.trace("clock_jump", &format!("machine {machine} to {seconds} s"));
}
