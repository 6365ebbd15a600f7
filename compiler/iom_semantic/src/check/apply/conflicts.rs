use super::{Application, Member, Reach, applications_of};
use crate::infer::Checker;
use crate::items::Place;
use crate::messages;
use crate::names::GlobalName;

impl<'db> Checker<'db> {
    /// One policy with the same parameters is applied once. A group and a module may bring it in besides, where what names it
    /// more directly counts; two that name it equally directly have to say the same.
    pub(super) fn check_conflicts(&mut self, members: &[Member]) {
        let mut complained: Vec<Place> = Vec::new();
        for member in members {
            let name = GlobalName::new(self.db, member.policy.clone());
            let own = self.place(member.node);
            let earlier =
                applications_of(self.db, name).iter().take_while(|one| !is_same_item(&one.place, &own));
            let rivals =
                earlier.filter(|one| one.member.text == member.text && one.member.reach == member.reach);
            for rival in rivals {
                let Application { place, member: other } = rival;
                if complained.contains(place) {
                    continue;
                }
                if member.reach == Reach::Itself {
                    let message =
                        messages::applied_twice(own.clone(), place.clone(), &member.policy, &member.text);
                    self.report(message);
                } else if member.settings != other.settings {
                    self.report(messages::applied_differently(own.clone(), place.clone(), &member.policy));
                } else {
                    continue;
                }
                complained.push(place.clone());
            }
        }
    }
}

fn is_same_item(left: &Place, right: &Place) -> bool {
    (left.file, left.keyword, &left.name, left.duplicate)
        == (right.file, right.keyword, &right.name, right.duplicate)
}
