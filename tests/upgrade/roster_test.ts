import { assertEquals } from "@std/assert";
import { Roster } from "../../upgrade/_roster.ts";

class Member {
  place = -1;
  constructor(readonly name: string) {}
}

/** The names of all members, in any order. */
function namesOf(roster: Roster<Member>): string[] {
  const names: string[] = [];
  roster.forEach(({ name }) => names.push(name));
  return names.sort();
}

Deno.test("Roster has what was added once, until it is deleted", () => {
  const roster = new Roster<Member>();
  const [a, b, c] = [new Member("a"), new Member("b"), new Member("c")];
  for (const member of [a, b, c, b]) roster.add(member);
  assertEquals([roster.size, namesOf(roster)], [3, ["a", "b", "c"]]);
  assertEquals([roster.delete(a), roster.delete(a)], [true, false]);
  assertEquals([roster.size, namesOf(roster)], [2, ["b", "c"]]);
  roster.add(a);
  for (const member of [c, b, a]) assertEquals(roster.delete(member), true);
  assertEquals([roster.size, namesOf(roster)], [0, []]);
});

Deno.test("Roster.forEach() calls each that stays when others are deleted meanwhile", () => {
  for (const gone of ["a", "b", "c", "d"]) {
    const roster = new Roster<Member>();
    const members = ["a", "b", "c", "d"].map((name) => new Member(name));
    for (const member of members) roster.add(member);
    const called = new Set<string>();
    roster.forEach(({ name }) => {
      called.add(name);
      roster.delete(members.find((member) => member.name === gone)!);
    });
    const stayed = members.filter(({ name }) => name !== gone);
    for (const { name } of stayed) assertEquals(called.has(name), true);
    assertEquals(namesOf(roster), stayed.map(({ name }) => name));
  }
});

Deno.test("Roster.forEach() may empty it", () => {
  const roster = new Roster<Member>();
  for (const name of "abcde") roster.add(new Member(name));
  roster.forEach((member) => roster.delete(member));
  assertEquals(roster.size, 0);
});
