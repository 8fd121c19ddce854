"""Teacher and Child: one contact and one bout of play, readable as theory.

Agents hold no numbers of their own: their states are views of the class's records, and every equation is one of
`sim.dynamics`, or of a mechanism of somebody's own in its place. What is written here is who does what, in which order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import mesa

from sim.luck import Stream
from sim.state import CHILD, TEACHER, Initiator, Setting

if TYPE_CHECKING:
    from sim.engine.equations import Equations
    from sim.luck import Luck
    from sim.state import ClassState, Records

__all__ = ["Bid", "Child", "Teacher"]


class Surroundings(Protocol):
    """What agents know of the class that they are in; `sim.model.Classroom` is one."""

    state: ClassState
    p: Records
    equations: Equations
    luck: Luck
    day: int
    teacher: Teacher
    children: list[Child]
    playmates: Records

    def enter_contact(self, contact: tuple[Any, ...]) -> None:
        """Note a contact; the fields of `sim.state.CONTACT_DTYPE`."""

    def enter_play(self, bout: tuple[Any, ...]) -> None:
        """Note a bout of play; the fields of `sim.state.PLAY_DTYPE`."""


class State:
    """A state of an agent: a view of one field of its record."""

    def __init__(self, name: str, meaning: str) -> None:
        self.name = name
        self.__doc__ = meaning

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        return self if agent is None else float(agent.records[self.name][agent.number])

    def __set__(self, agent: Any, value: float) -> None:
        agent.records[self.name][agent.number] = value


class Bid(NamedTuple):
    """Something that brings a child into the teacher's view: when, who, which of the child's bids, what it is about.

    `whether` is the draw that decides whether the teacher answers.
    """

    time: float
    child: Child
    which: int
    initiator: int
    setting: int
    public: bool
    whether: float


class Teacher(mesa.Agent):
    """The teacher of the class; states are those of `sim.state.TEACHER`."""

    def __init__(self, model: Surroundings) -> None:
        super().__init__(model)
        self.classroom = model
        self.equations = model.equations
        self.number = 0
        self.records = model.state.teacher

    def arrives(self, nights: int) -> None:
        """Recovery of stress, mood of the day, attention restored."""
        model = self.classroom
        for _ in range(nights):
            self.equations.teacher_rests(self.records, model.p)
        self.equations.teacher_arrives(self.records, model.luck.normal(Stream.MOODS, len(model.children), 0), model.p)

    def attends(self, child: Child, waited: float, setting: int, draw: float) -> bool:
        """Whether a bid of a child that comes `waited` of a day after the one before becomes a contact."""
        return self.equations.attend(child.records, child.number, self.records, waited, setting, draw, self.classroom.p)

    def perceives(self, child: Child, tone: float) -> float:
        """The child's tone as this teacher sees it."""
        return self.equations.teacher_perceives(child.records, child.number, self.records, tone, self.classroom.p)

    def responds(
        self, child: Child, perceived: float, setting: int, draw: float, luck: float, *, public: bool
    ) -> float:
        """The tone of the answer."""
        p, at = self.classroom.p, (child.records, child.number, self.records, perceived, setting)
        push, warm = self.equations.teacher_push(*at, p), self.equations.teacher_tone(*at, public, luck, p)
        return self.equations.turn(push, draw, warm, luck, False, p)

    def closes(
        self, child: Child, response: float, perceived: float, setting: int, draw: float, luck: float, *, public: bool
    ) -> float:
        """The tone of the teacher's second turn, after a first one of `response`."""
        p, at = self.classroom.p, (child.records, child.number, self.records, perceived, setting)
        push, warm = self.equations.teacher_push(*at, p), self.equations.teacher_tone(*at, public, luck, p)
        push = self.equations.pushed_on(push, response, perceived, self.reflective_functioning, p)
        return self.equations.turn(push, draw, warm, luck, True, p)

    def learns(self, child: Child, perceived: float) -> None:
        """Working model of the child, perceived control, stress."""
        self.equations.teacher_learns(child.records, child.number, self.records, perceived, self.classroom.p)


class Child(mesa.Agent):
    """A child; states are those of `sim.state.CHILD`."""

    def __init__(self, model: Surroundings, number: int, name: str) -> None:
        super().__init__(model)
        self.classroom = model
        self.equations = model.equations
        self.number = number
        self.name = name
        self.records = model.state.children

    def arrives(self, nights: int) -> None:
        """Recovery of stress, mood of the day."""
        model = self.classroom
        for _ in range(nights):
            self.equations.child_rests(self.records, self.number, model.p)
        self.equations.child_arrives(
            self.records, self.number, model.luck.normal(Stream.MOODS, self.number, 0), model.p
        )

    def bids(self) -> list[Bid]:
        """What will bring this child into the teacher's view today, and when: decided by how it comes to school."""
        model, luck, p, stream = self.classroom, self.classroom.luck, self.classroom.p, Stream.CONTACTS
        rates = self.equations.bid_rates(self.records, self.number, model.teacher.records, p)
        draw = luck.uniform(stream, self.number, self.equations.NUMBER_OF_BIDS)
        bids = []
        for which in range(self.equations.number_of_bids(sum(rates), draw)):
            first = which * self.equations.DRAWS_PER_BID
            time = luck.uniform(stream, self.number, first + self.equations.BID_TIME)
            what, who_sees, whether = luck.thirds(stream, self.number, first + self.equations.BID_CHANCES)
            initiator, setting = self.equations.occasion(*rates, self.outreach, what, p)
            public = self.equations.is_public(self.showcase, setting, who_sees, p)
            bids.append(Bid(time, self, which, initiator, setting, public, whether))
        return bids

    def is_ignored(self, setting: int) -> None:
        """A bid of this child did not become a contact."""
        self.equations.is_ignored(self.records, self.number, setting, self.classroom.p)

    def holds_session(self) -> None:
        """The one-to-one session of today, if one is due: private exchanges after class."""
        due = self.equations.exchanges(self.records, self.number, self.classroom.p)
        for exchange in range(min(due, self.equations.MOST_EXCHANGES)):
            self.contact(Stream.INTERVENTIONS, exchange, 1.0, Initiator.TEACHER, Setting.SESSION, public=False)

    def contact(self, stream: Stream, which: int, time: float, initiator: int, setting: int, *, public: bool) -> None:
        """One teacher-child contact, from the child's act to what everyone takes from it."""
        model = self.classroom
        teacher, luck, first = model.teacher, model.luck, which * self.equations.DRAWS_PER_CONTACT
        child_luck = luck.normal(stream, self.number, first + self.equations.CHILD_TONE)
        teacher_luck = luck.normal(stream, self.number, first + self.equations.TEACHER_TONE)
        act, answer, continuation, repair = luck.quarters(stream, self.number, first + self.equations.TURNS)
        push = self.equations.child_push(self.records, self.number, teacher.records, setting, model.p)
        tone = self.acts(setting, push, act, child_luck)
        perceived = teacher.perceives(self, tone)
        response = teacher.responds(self, perceived, setting, answer, teacher_luck, public=public)
        felt = self.feels(response)
        seen, shown, taken, acted, turns, second, closing = perceived, response, felt, tone, 2, 0.0, 0.0
        if self.equations.goes_on(tone, response):
            push = self.equations.pushed_on(push, tone, felt, self.perceived_control, model.p)
            second = self.acts(setting, push, continuation, child_luck, again=True)
            again = teacher.perceives(self, second)
            closing = teacher.closes(self, response, again, setting, repair, teacher_luck, public=public)
            whole = self.equations.as_a_whole
            seen, shown = whole(perceived, again, True), whole(response, closing, True)
            taken, acted = whole(felt, self.feels(closing), True), whole(tone, second, True)
            turns = 4
        self.relationship_learns(initiator, setting, public, seen, shown, taken)
        teacher.learns(self, seen)
        lead = self.equations.lead(self.records, self.number, teacher.records, initiator, setting, model.p)
        self.learns(setting, lead, acted, taken)
        if public:
            self.is_seen(shown)
        what = (model.day, time, self.number, initiator, setting, public, lead)
        model.enter_contact((*what, tone, perceived, response, felt, turns, second, closing))

    def acts(self, setting: int, push: float, draw: float, luck: float, *, again: bool = False) -> float:
        """The tone with which this child acts, pushed so much towards hostility."""
        p = self.classroom.p
        friendly = self.equations.child_tone(self.records, self.number, setting, luck, p)
        return self.equations.turn(push, draw, friendly, luck, again, p)

    def feels(self, response: float) -> float:
        """The teacher's tone as this child feels it."""
        return self.equations.child_perceives(self.records, self.number, response, self.classroom.p)

    def relationship_learns(
        self, initiator: int, setting: int, public: bool, perceived: float, response: float, felt: float
    ) -> None:
        """Closeness, conflict and dependency after a contact."""
        p = self.classroom.p
        room = self.equations.intimacy(self.records, self.number, setting, public, p)
        self.equations.dyad_learns(self.records, self.number, initiator, room, perceived, response, felt, p)

    def learns(self, setting: int, lead: float, tone: float, felt: float) -> None:
        """Expectation, stress, readiness for hostility, self-regulation, self-concept, norms, room and structure."""
        self.equations.child_learns(self.records, self.number, setting, tone, felt, self.classroom.p)
        self.equations.child_is_guided(self.records, self.number, lead, felt, self.classroom.p)

    def is_seen(self, response: float) -> None:
        """Classmates take the teacher's tone as a reference for how much to like this child."""
        model = self.classroom
        self.equations.reference(
            model.state.liking, model.state.children, model.teacher.records, self.number, response, model.p
        )

    def plays(self, bout: int, time: float) -> None:
        """One bout of play that this child begins."""
        model, luck, first = self.classroom, self.classroom.luck, bout * self.equations.DRAWS_PER_BOUT
        draw = luck.uniform(Stream.PLAY, self.number, first + self.equations.BOUT_PARTNER)
        chosen = self.equations.choose(model.playmates, self.number, draw)
        if chosen < 0:
            return
        partner = model.children[chosen]
        mine = luck.normal(Stream.PLAY, self.number, first + self.equations.BOUT_TONE)
        theirs = luck.normal(Stream.PLAY, self.number, first + self.equations.BOUT_ANSWER)
        act, answer, continuation, repair = luck.quarters(Stream.PLAY, self.number, first + self.equations.BOUT_TURNS)
        tone = self.plays_with(partner, 0.0, 0.0, act, mine)
        back = partner.plays_with(self, 0.0, tone, answer, theirs)
        whole, whole_back, turns, second, second_back = tone, back, 2, 0.0, 0.0
        if self.equations.goes_on(tone, back):
            second = self.plays_with(partner, tone, back, continuation, mine, again=True)
            second_back = partner.plays_with(self, back, second, repair, theirs, again=True)
            whole = self.equations.as_a_whole(tone, second, True)
            whole_back = self.equations.as_a_whole(back, second_back, True)
            turns = 4
        self.learns_from_play(partner, whole, whole_back)
        partner.learns_from_play(self, whole_back, whole)
        model.enter_play((model.day, time, self.number, chosen, tone, back, turns, second, second_back))

    def plays_with(
        self, other: Child, acted: float, met: float, draw: float, luck: float, *, again: bool = False
    ) -> float:
        """Tone towards a classmate whose tone was `met`, after an own tone of `acted` (0 where there was none)."""
        p, liked = self.classroom.p, self.classroom.state.liking[self.number, other.number]
        push = self.equations.play_push(self.records, self.number, liked, p)
        push = self.equations.pushed_on(push, acted, met, self.self_regulation, p)
        friendly = self.equations.play_tone(self.records, self.number, liked, met, luck, p)
        return self.equations.turn(push, draw, friendly, luck, again, p)

    def learns_from_play(self, other: Child, tone: float, met: float) -> None:
        """Liking, aggression, stress and social self-concept after a bout."""
        model, liking, tie = self.classroom, self.classroom.state.liking, (self.number, other.number)
        liked = liking[tie]
        liking[tie] = self.equations.liking_learns(liked, model.teacher.records, met, model.p)
        self.equations.play_learns(self.records, self.number, liked, tone, met, model.p)

    def studies(self) -> None:
        """Engagement and achievement; every memory settles a little."""
        model = self.classroom
        accepted = self.equations.acceptance(model.state.liking, self.number)
        self.equations.child_studies(self.records, self.number, accepted, model.p)
        self.equations.child_settles(self.records, self.number, model.teacher.records, model.p)

    @property
    def acceptance(self) -> float:
        """How much classmates like this child, 0 to 1."""
        return self.equations.acceptance(self.classroom.state.liking, self.number)


for _field in CHILD:
    setattr(Child, _field.name, State(_field.name, _field.meaning))
for _field in TEACHER:
    setattr(Teacher, _field.name, State(_field.name, _field.meaning))
