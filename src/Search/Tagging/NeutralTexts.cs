namespace Sightline.Search;

/// <summary>
/// Short everyday captions of many things, to measure a picture's likeness to a label against: a picture that is like everything (and
/// some are) is like a label for no reason. Written for this.
/// </summary>
internal static class NeutralTexts
{
    internal static IReadOnlyList<string> All { get; } =
    [
        "a street with parked cars", "a bowl of soup", "people waiting for a train", "an empty room", "a cat on a sofa", "a mountain lake",
        "a child with a balloon", "a plate of pasta", "a bicycle against a wall", "a dog on a leash", "a wooden table", "a crowd at a concert",
        "a boat in a harbour", "a red door", "a page of text", "a garden in spring", "a man in a suit", "a woman reading a book", "a football match",
        "snow on roofs", "a sandy beach", "a bridge over a river", "an old church", "a kitchen sink", "a bus at a stop", "a herd of cows",
        "a bird on a branch", "a cup of coffee", "a birthday cake", "a laptop on a desk", "a pile of stones", "a forest path", "a waterfall",
        "a field of wheat", "a tall building", "a traffic light", "a market stall with fruit", "a pair of shoes", "a clock on a tower", "a chair by a window",
        "a baby asleep", "two friends laughing", "a wedding couple", "a swimming pool", "a tennis player", "a horse and a rider", "a sheep in the grass",
        "an elephant", "a butterfly on a flower", "a bunch of grapes", "a loaf of bread", "a glass of wine", "a pizza", "a guitar", "a piano",
        "a map", "a drawing of a house", "a cartoon animal", "a company logo", "a screenshot of a program", "a chart with bars", "a road sign",
        "a shop window", "a playground", "a school class", "an office", "a hospital bed", "a fire engine", "a police car", "a motorcycle", "an aeroplane in the sky",
        "a helicopter", "a ship at sea", "a train on a track", "a tunnel", "a castle on a hill", "a desert", "a palm tree", "a cactus", "a mushroom",
        "a spider in its web", "a fish under water", "a snake", "a bear", "a monkey", "a rabbit", "a mouse", "a pig", "a duck on a pond", "a chicken", "an owl",
        "a sunset", "a night sky with stars", "the moon", "fog over a valley", "a rainbow", "a thunderstorm", "a candle in the dark", "fireworks", "a mirror",
        "a bed with pillows", "a bathtub", "a lamp", "a telephone", "a television", "a camera", "a watch", "a ring", "a hat", "a pair of glasses", "a coat",
        "a blue shirt", "a bag", "an umbrella in the rain", "a box of tools", "a hammer", "a pair of scissors", "a key", "a ball", "a toy car", "a doll", "a chess board",
        "a stack of books", "a newspaper", "a painting in a frame", "a statue", "a fountain in a square", "a stairway", "a fence", "a brick wall", "a tiled floor",
        "a pattern of stripes", "a plain background", "a close-up of a leaf", "a hand", "a face", "a foot", "an eye", "a tooth", "a group of hikers", "a climber on a rock",
        "a skier on a slope", "a surfer on a wave", "a runner on a track", "a dancer on a stage", "a cook in a kitchen", "a farmer on a tractor", "a soldier", "a nurse",
        "a musician with a violin", "an old man on a bench", "a girl on a swing", "a boy with a kite", "a tent by a fire", "a barbecue", "a picnic", "a basket of apples",
        "a slice of cake", "a salad", "a sandwich", "an ice cream", "a bottle of milk", "a carton of eggs", "a carrot", "a tomato", "a banana", "a lemon", "a pumpkin",
    ];
}
