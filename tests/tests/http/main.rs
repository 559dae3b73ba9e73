//! Black-box tests: the running binary over HTTP, by the contract alone. A file per topic; a test's name says what must hold.

mod attack_corpus;
mod conventions;
mod crashes;
mod crowds;
mod defences;
mod demo;
mod door;
mod door_offline;
mod ends;
mod erasure;
mod first_tour;
mod holds;
mod idempotency;
mod live;
mod openapi;
mod orders;
mod own_database;
mod permissions;
mod privacy;
mod reading;
mod seating;
mod settings;
mod shows;
mod strangers;
mod tenants;
mod tickets;
