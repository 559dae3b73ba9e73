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
mod first_tour;
mod holds;
mod idempotency;
mod live;
mod openapi;
mod orders;
mod own_database;
mod privacy;
mod reading;
mod seating;
mod shows;
mod tickets;
