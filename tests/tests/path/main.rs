//! The path of a form, from a typed file to the totals, through public doors only.

#![cfg(test)]

mod across;
mod boundaries;
mod carried;
mod commands;
mod corruption;
mod devices;
mod enrolment;
mod journal;
mod notices;
mod on_the_wire;
mod photos;
mod receipt;
mod restart;
mod rollback;
mod rulings;
mod standing;
mod third_form;
mod totals;
