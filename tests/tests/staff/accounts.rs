//! Thousands of accounts and wall views on one page at a time.

use saksi_collector::staff::account::{Account, Role, Scope};
use saksi_collector::staff::password::{Hashed, KnownTo, hash};
use saksi_collector::staff::second::Secret;
use saksi_collector::staff::session::Token;
use saksi_collector::staff::store::Store;
use saksi_collector::staff::store::walls::Wall;
use saksi_tests::clerk::{self, Clerk};
use saksi_tests::scene::Scene;

/// Accounts of one region and of all, and wall views beside them.
const MANY: usize = 60;

/// A desk with two admins, 60 operators of the first station's region and 60 of the whole, and
/// a wall view for each of the first; one of them has a second factor. Another wall view is of
/// the whole.
fn desk() -> (Scene, String) {
    let mut scene = Scene::new().unwrap();
    clerk::open_desk(&scene.collector).unwrap();
    let region = scene.stations[0].region.clone();
    clerk::account(&scene.collector, "sri", "admin", None).unwrap();
    clerk::account(&scene.collector, "rina", "admin", Some(&region)).unwrap();
    let store = Store::open(&scene.collector.dir().join("staff.db")).unwrap();
    let password = hash("a sentence that nobody types here").unwrap();
    let code = region.parse().unwrap();
    for at in 0..MANY {
        add(&store, &format!("here-{at:02}"), Scope::Region(code), &password);
        add(&store, &format!("there-{at:02}"), Scope::Whole, &password);
        add_wall(&store, format!("hall {at:02}"), Scope::Region(code));
    }
    add_wall(&store, "nation".to_owned(), Scope::Whole);
    let secret = Secret::fresh().unwrap();
    store.set_second(&"here-44".parse().unwrap(), (&secret, 1), &[], 1).unwrap();
    drop(store);
    scene.collector.start(None).unwrap();
    (scene, region)
}

fn add(store: &Store, name: &str, scope: Scope, password: &Hashed) {
    let (name, full_name) = (name.parse().unwrap(), format!("Owner of {name}"));
    let role = Role::Operator;
    let account = Account { name, full_name, role, scope, made_ms: 1, ended_ms: None };
    store.add_account(&account, password, KnownTo::Owner).unwrap();
}

fn add_wall(store: &Store, name: String, scope: Scope) {
    let (region, made_by) = (scope.code(), "sri".to_owned());
    let wall = Wall { id: 0, name, region, made_by, made_ms: 1 };
    store.add_wall(&Token::fresh().unwrap().digest(), &wall).unwrap().unwrap();
}

/// Names in the table of accounts.
fn names(html: &str) -> Vec<&str> {
    let cells = html.split("<th scope=\"row\">").skip(1);
    cells.map(|cell| cell.split('<').next().unwrap()).collect()
}

/// The address behind the link to the next page.
fn next(html: &str) -> Option<String> {
    let link = html.split("<a class=\"action\" href=\"").nth(1)?;
    Some(link.split('"').next().unwrap().replace("&#38;", "&"))
}

/// Where the sheets of accounts and wall views go.
fn actions(html: &str) -> Vec<String> {
    let actions = html.split("action=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let ours = actions.filter(|to| ["/accounts/", "/walls/"].iter().any(|of| to.starts_with(of)));
    ours.map(|to| to.replace("&#38;", "&")).collect()
}

#[test]
fn many_accounts_are_found_by_name_and_by_region_and_an_act_leaves_the_list_where_it_is() {
    let (scene, region) = desk();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let first = sri.html("/accounts").unwrap();
    assert!(first.len() < 50_000, "loads on 2G in two seconds: {} bytes", first.len());
    let mut all: Vec<String> = Vec::new();
    let mut page = Some("/accounts".to_owned());
    while let Some(path) = page {
        let html = sri.html(&path).unwrap();
        assert!(names(&html).len() <= 30, "{html}");
        all.extend(names(&html).into_iter().map(str::to_owned));
        assert!(all.len() <= 2 * MANY + 2, "it has no end: {all:?}");
        page = next(&html);
    }
    assert_eq!(all.len(), 2 * MANY + 2);
    assert!(all.is_sorted(), "{all:?}");

    // By its name, its owner's, its region's name and code.
    for (search, found) in [("HERE-07", 2), ("owner+of+there-1", 10), ("nobody", 0)] {
        let html = sri.html(&format!("/accounts?q={search}")).unwrap();
        assert_eq!(names(&html).len(), found, "{search}: {html}");
    }
    let html = sri.html(&format!("/accounts?q={region}")).unwrap();
    assert!(names(&html).iter().all(|name| name.starts_with("here-")), "{html}");
    let name = html.split_once(&format!(" ({region})</td>")).unwrap().0.rsplit('>').next();
    let by_name = sri.html(&format!("/accounts?q={}", name.unwrap().to_uppercase())).unwrap();
    assert_eq!(names(&by_name), names(&html), "by its region's name: {name:?}");
    let rest = sri.html(&next(&html).unwrap()).unwrap();
    assert_eq!(names(&rest).len(), 30);
    let last = sri.html(&next(&rest).unwrap()).unwrap();
    assert_eq!((names(&last), next(&last)), (vec!["rina"], None), "and the region's own admin");
    assert!(rest.contains(&format!("value=\"{region}\"")), "it is still what is looked for");

    // Of an act the same part of the list is the answer.
    let (actions, here) = (actions(&rest), next(&html).unwrap().replace("/accounts?", "?"));
    let elsewhere: Vec<_> = actions.iter().filter(|to| !to.ends_with(&here)).collect();
    assert!(elsewhere.is_empty(), "{elsewhere:?} and not {here}");
    // Passwords, ends of accounts and of wall views; a second factor, and what is added.
    assert_eq!(actions.len(), 30 * 3 + 1 + 2, "{actions:?}");
    let end = actions.iter().find(|to| to.starts_with("/accounts/here-55/end")).unwrap();
    let ended = sri.post("/accounts", end, &[]).unwrap();
    assert_eq!((ended.status, names(&ended.html)), (200, names(&rest)), "{}", ended.html);
    assert!(ended.html.contains("Ended"), "{}", ended.html);

    // An admin of the region sees none of the others, whatever she looks for.
    let rina = Clerk::signed_in(&scene.collector, "rina").unwrap();
    assert!(names(&rina.html("/accounts?q=there").unwrap()).is_empty());
    assert!(!rina.html("/accounts?after=here-59").unwrap().contains("there-"));
}

#[test]
fn of_many_wall_views_some_are_shown_and_the_others_are_found() {
    let (scene, _) = desk();
    let sri = Clerk::signed_in(&scene.collector, "sri").unwrap();
    let shown = |html: &str| html.matches("<li>hall ").count();
    let html = sri.html("/accounts").unwrap();
    assert_eq!(shown(&html), 30);
    assert!(html.contains("There are more: search for their name or region."), "{html}");
    let html = sri.html("/accounts?q=hall+59").unwrap();
    assert!(shown(&html) == 1 && html.contains("hall 59"), "{html}");
    assert!(!html.contains("There are more"), "{html}");
}

#[test]
fn an_admin_of_a_region_sees_and_ends_its_wall_views_alone() {
    let (scene, _) = desk();
    let [sri, rina] = ["sri", "rina"].map(|name| Clerk::signed_in(&scene.collector, name).unwrap());
    let end = |html: &str| actions(html).into_iter().find(|to| to.contains("/end")).unwrap();
    let nation = end(&sri.html("/accounts?q=nation").unwrap());
    let html = rina.html("/accounts?q=nation").unwrap();
    assert!(!html.contains("<li>nation "), "{html}");
    assert_eq!(rina.post("/accounts", &nation, &[]).unwrap().status, 404);
    assert!(sri.html("/accounts?q=nation").unwrap().contains("<li>nation "), "it hangs");
    let own = end(&rina.html("/accounts?q=hall+07").unwrap());
    let ended = rina.post("/accounts", &own, &[]).unwrap();
    assert!(ended.status == 200 && !ended.html.contains("<li>hall 07 "), "{}", ended.html);
    let added = rina.post("/accounts", "/walls/add", &[("name", "town hall"), ("region", "")]);
    assert_eq!(added.unwrap().status, 200);
    let activity = sri.html("/activity?account=rina").unwrap();
    for kind in ["wall-add", "wall-end"] {
        assert!(activity.contains(kind), "{kind} is nowhere: {activity}");
    }
}
