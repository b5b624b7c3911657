//! What a form may take of a bad network.

use saksi_tests::binaries;
use saksi_tests::on_the_wire::bytes_of_forms;

/// With the look at what the centre says. The least of three sessions: a machine that stands
/// still for ten seconds has the agent ask whether anybody is there.
#[test]
fn a_form_takes_3000_bytes_and_1600_where_the_session_before_is_resumed() {
    let agent = binaries::command("saksi-agent", None).unwrap();
    let forms = bytes_of_forms(agent, 3).unwrap();
    let (full, resumed) = (forms[0], forms[1..].iter().min().unwrap());
    println!("{forms:?}");
    assert!(full <= 3_000 && *resumed <= 1_600, "{forms:?}");
}
