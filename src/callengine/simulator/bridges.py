"""Mixing bridges. They persist, empty or not, until somebody deletes them."""

from attrs import define, field

from callengine.simulator.events import BridgeView


@define(eq=False)
class Bridge:
    """A bridge and the ids of the channels in it."""

    id: str
    kind: str
    name: str
    created: str
    members: dict[str, None] = field(factory=dict)

    def view(self) -> BridgeView:
        return BridgeView(
            id=self.id,
            technology="simple_bridge" if len(self.members) <= 2 else "softmix",
            bridge_type=self.kind,
            bridge_class="stasis",
            creator="Stasis",
            name=self.name,
            channels=sorted(self.members),
            creationtime=self.created,
            video_mode="talker",
        )
