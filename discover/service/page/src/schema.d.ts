// Made by `make page` from an OpenAPI document with the SHA-256 29440da1b28e5e8e51eb7a3bc77f087b289283dd784337634817b5d13e2f07fa.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What is served. */
        About: {
            audience: boolean;
            /** @description colour (0 to 7) by id of a theme, as in the report */
            colours: {
                [key: string]: number;
            };
            created: string;
            editable: boolean;
            filters: components["schemas"]["Filters"];
            items: number;
            levels: number;
            /** @description roles for which the catalog has a column */
            roles: string[];
            source: string;
            spaces: string[];
            themes: number;
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
            weights: {
                [key: string]: number | null;
            };
            words: components["schemas"]["Words"];
        };
        /** @description Where a new item belongs; theme null for an outlier. */
        Assignment: {
            id: string;
            label: string;
            nearest: string[];
            strength: number | null;
            theme: string | null;
            title: string;
        };
        /** @description Where new items belong, in their order. */
        Assignments: {
            assignments: components["schemas"]["Assignment"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
            warnings: string[];
        };
        /** @description An item as people see it in a list. */
        Card: {
            /**
             * @description to the catalog
             * @example 2021-06-03
             */
            added: string | null;
            countries: string[];
            /** @description at most 400 characters */
            description: string;
            genres: string[];
            /** @example time-bandits-1981 */
            id: string;
            /** @description address of its picture here, null without one */
            image: string | null;
            people: string[];
            /**
             * @description as exactly as it is known
             * @example 1981
             */
            released: string | null;
            /** @description its broad theme, null for an outlier */
            theme: components["schemas"]["ThemeName"] | null;
            /** @example Time Bandits */
            title: string;
            /** @example 1981 */
            year: number | null;
        };
        /** @description Why a theme's share moved: titles + demand + clustering = after - before. */
        Change: {
            after: number | null;
            before: number | null;
            clustering: number | null;
            demand: number | null;
            measure: string;
            theme: string;
            titles: number | null;
        };
        /** @description Why the broad themes' shares changed. */
        Changes: {
            changes: components["schemas"]["Change"][];
            labels: {
                [key: string]: string;
            };
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description Something that a text was understood to ask for. */
        Chip: {
            label: string;
            /** @description false: no answer has it */
            wanted: boolean;
            /** @description as typed; give it as `ignore` to have it taken for words alone */
            words: string;
        };
        /** @description Items side by side. */
        Comparison: {
            created: string;
            items: components["schemas"]["Profile"][];
            pairs: components["schemas"]["Explanation"][];
            source: string;
            traits: components["schemas"]["Trait"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
            weights: {
                [key: string]: number | null;
            };
        };
        /** @description A value and how many items have it. */
        Counted: {
            count: number;
            value: string;
        };
        /** @description What sets two items apart. */
        Difference: {
            item: string;
            role: string;
            text: string;
            weight: number | null;
        };
        /** @description Groups of identical or nearly identical items, largest first. */
        Duplicates: {
            groups: components["schemas"]["Card"][][];
            next: string | null;
            total: number;
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description One line of the edits, as it was written down. */
        Edit: {
            after: {
                [key: string]: number | null;
            };
            before: {
                [key: string]: number | null;
            };
            created: string;
            items: string[][];
            kind: string;
            number: number;
            /** @description false if it was undone, and for an undo */
            stands: boolean;
            text: string;
            themes: string[];
            undoes: number | null;
        };
        /** @description An edit that was written down. */
        Edited: {
            edit: components["schemas"]["Edit"];
            /** @description when it takes effect, empty if at once */
            note: string;
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description All edits, oldest first. */
        Edits: {
            edits: components["schemas"]["Edit"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description What happened to a theme in one run. */
        Event: {
            confidence: number | null;
            created: string;
            kind: string;
            others: string[];
            theme: string;
            version: number;
        };
        /** @description What happened to themes. */
        Events: {
            events: components["schemas"]["Event"][];
            /** @description labels of the themes by id */
            labels: {
                [key: string]: string;
            };
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description What people call an event of a theme. */
        EventWords: {
            /**
             * @description in a list
             * @example Merged
             */
            label: string;
            /**
             * @description in a history, before other themes
             * @example absorbed
             */
            past: string;
        };
        /** @description One term of a score. */
        Evidence: {
            amount: number | null;
            item: string;
            kind: string;
            role: string;
            space: string;
            text: string;
        };
        /** @description Why b has its score; the amounts of the evidence sum to it. */
        Explanation: {
            a: string;
            b: string;
            differences: components["schemas"]["Difference"][];
            evidence: components["schemas"]["Evidence"][];
            missing: string[];
            parts: {
                [key: string]: number | null;
            };
            percentile: number | null;
            score: number | null;
            themes: {
                [key: string]: string;
            };
            titles: [
                string,
                string
            ];
            why: string;
        };
        /** @description What items can be filtered by. */
        Filters: {
            countries: components["schemas"]["Counted"][];
            genres: components["schemas"]["Counted"][];
            themes: components["schemas"]["SizedTheme"][];
            year: components["schemas"]["Years"] | null;
        };
        /**
         * @description What someone liked: ids or titles, or ratings of them (above 0 liked, below 0 disliked).
         * @example {
         *       "history": {
         *         "timbuktu-2014": -1,
         *         "time-2021": 5
         *       }
         *     }
         */
        History: {
            /** @description how many answers may share a value of a column */
            at_most?: {
                [key: string]: number;
            } | null;
            /**
             * @description list only one of each group of near-duplicates
             * @default false
             */
            dedupe: boolean;
            /**
             * @description variety against nearness, 0 is nearest
             * @default 0
             */
            diversity: number;
            history: string[] | {
                [key: string]: number;
            };
            /**
             * @description number of answers
             * @default 10
             */
            k: number;
            /** @description how much each space counts (unnamed spaces: 0) */
            weights?: {
                [key: string]: number;
            } | null;
            /**
             * @description only items that meet an SQL condition
             * @example year >= 1990
             */
            where?: string | null;
        };
        /** @description A page of items. */
        Items: {
            items: components["schemas"]["Card"][];
            /** @description cursor of the next page, null at the end */
            next: string | null;
            total: number;
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description An item with all that is known of it. */
        ItemThemes: {
            item: components["schemas"]["Card"];
            /** @description its themes at every level, broadest first */
            themes: components["schemas"]["ThemeName"][];
            /** @description its values by column of the catalog */
            values: {
                [key: string]: unknown;
            };
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description Words for a set of items, and what they rest on. */
        Label: {
            exemplars: components["schemas"]["Card"][];
            keywords: string[];
            note: string;
            text: string;
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /**
         * @description Items, each of which is asked for by itself.
         * @example {
         *       "items": [
         *         "time-2021",
         *         "timbuktu-2014"
         *       ],
         *       "k": 3
         *     }
         */
        Many: {
            /** @description ids or exact titles */
            items: string[];
            /**
             * @description number of answers
             * @default 10
             */
            k: number;
            /** @description how much each space counts (unnamed spaces: 0) */
            weights?: {
                [key: string]: number;
            } | null;
            /**
             * @description only items that meet an SQL condition
             * @example year >= 1990
             */
            where?: string | null;
        };
        /** @description Items by row of the catalog. */
        MapItems: {
            items: components["schemas"]["Card"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description Where a theme's name goes on the map. */
        MapName: {
            id: string;
            label: string;
            level: number;
            size: number;
            x: number;
            y: number;
        };
        /** @description Where the names of a level go. */
        MapNames: {
            names: components["schemas"]["MapName"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description Where an item lies; x and y null where nothing places it. */
        MapPoint: {
            id: string;
            theme: string | null;
            x: number | null;
            y: number | null;
        };
        /** @description A page of the map. */
        MapPoints: {
            next: string | null;
            points: components["schemas"]["MapPoint"][];
            total: number;
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description One answer; `parts` sum to `score`. */
        Match: {
            card: components["schemas"]["Card"];
            explanation: components["schemas"]["Explanation"] | null;
            id: string;
            missing: string[];
            parts: {
                [key: string]: number | null;
            };
            percentile: number | null;
            /** @description standard deviations above unrelated items: 0 is chance, 3 is rare */
            score: number | null;
            title: string;
            why: string;
        };
        /** @description Answers, best first. */
        Matches: {
            matches: components["schemas"]["Match"][];
            /** @description a line for the reader, for example why there are no matches */
            note: string;
            understood: components["schemas"]["Chip"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description An item of a theme. */
        Member: {
            attached: boolean;
            card: components["schemas"]["Card"];
            strength: number | null;
        };
        /** @description The items most like one item, by id, best first. */
        Nearest: {
            /** @example time-2021 */
            id: string;
            nearest: string[];
            scores: number[];
        };
        /** @description The items most like each of many, in the order in which these were asked for. */
        Neighbors: {
            neighbors: components["schemas"]["Nearest"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /**
         * @description A correction of themes.
         * @example {
         *       "kind": "rename",
         *       "text": "Outlaws and sheriffs",
         *       "themes": [
         *         "T0001"
         *       ]
         *     }
         */
        NewEdit: {
            /**
             * @description groups of ids or titles
             * @default []
             */
            items: string[][];
            /** @enum {string} */
            kind: "rename" | "pin" | "merge" | "split" | "together" | "apart" | "hide";
            /** @default  */
            text: string;
            /** @default [] */
            themes: string[];
        };
        /**
         * @description What went wrong (RFC 9457).
         * @example {
         *       "detail": "no item has the id or title 'Time Bandit'. Near titles: 'Time Bandits'",
         *       "instance": "/v1/items/Time%20Bandit",
         *       "status": 404,
         *       "type": "urn:discover:UnknownItemError"
         *     }
         */
        ProblemDetails: {
            detail: string;
            instance: string;
            status: number;
            title: string;
            type: string;
        };
        /** @description One item of a comparison. */
        Profile: {
            apart: string[];
            card: components["schemas"]["Card"];
            closeness: number | null;
            id: string;
            themes: string[];
            title: string;
            values: {
                [key: string]: string[];
            };
            year: number | null;
        };
        /**
         * @description All that a search can ask for together.
         * @example {
         *       "k": 5,
         *       "text": "a haunted house"
         *     }
         * @example {
         *       "like": {
         *         "time-2021": 2
         *       },
         *       "why": true
         *     }
         */
        Question: {
            /**
             * @description list the nearest items even if nothing fits
             * @default false
             */
            anyway: boolean;
            /**
             * @description how many answers may share a value of a column
             * @default null
             */
            at_most: {
                [key: string]: number;
            } | null;
            /**
             * @description list only one of each group of near-duplicates
             * @default false
             */
            dedupe: boolean;
            /**
             * @description variety against nearness, 0 is nearest
             * @default 0
             */
            diversity: number;
            /**
             * @description list the evidence for each answer's score
             * @default false
             */
            explain: boolean;
            /**
             * @description words of the text that are not to be understood as values
             * @default null
             * @example Nordic,crime
             */
            ignore: string | null;
            /**
             * @description number of answers
             * @default 10
             */
            k: number;
            like?: string[] | {
                [key: string]: number;
            };
            /**
             * @description take the text as it is: no title, no values, no exclusions
             * @default false
             */
            literal: boolean;
            /**
             * @description only items that have all that the text was understood to ask for
             * @default false
             */
            strict: boolean;
            /** @default null */
            text: string | null;
            unlike?: string[] | {
                [key: string]: number;
            };
            /**
             * @description how much each space counts (unnamed spaces: 0)
             * @default null
             */
            weights: {
                [key: string]: number;
            } | null;
            /**
             * @description only items that meet an SQL condition
             * @default null
             * @example year >= 1990
             */
            where: string | null;
            /**
             * @description say in a few words what each answer shares with the query
             * @default false
             */
            why: boolean;
        };
        /** @description A theme to filter by. */
        SizedTheme: {
            /** @example T0001 */
            id: string;
            /** @example Western, saloon, bandits */
            label: string;
            size: number;
        };
        /** @description What people call a search space, and what it compares. */
        SpaceWords: {
            /** @example what the description means */
            hint: string;
            /** @example Meaning */
            label: string;
        };
        /** @description One version of the workspace. */
        StoredVersion: {
            created: string;
            current: boolean;
            items: number;
            number: number;
            source: string;
            themes: number;
        };
        /** @description A title that someone may mean. */
        Suggestion: {
            id: string;
            title: string;
            year: number | null;
        };
        /** @description Titles for what someone begins to type. */
        Suggestions: {
            suggestions: components["schemas"]["Suggestion"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description A theme in a list. */
        Theme: {
            attached: number;
            children: string[];
            exemplars: components["schemas"]["Card"][];
            /** @example T0001 */
            id: string;
            keywords: string[];
            label: string;
            level: number;
            lift: number | null;
            number: number;
            parent: string | null;
            share: number | null;
            size: number;
            stability: number | null;
            /** @description status of its trend by titles, null if unknown */
            status: string | null;
            strength: number | null;
        };
        /** @description A theme by id and label. */
        ThemeName: {
            /** @example T0001 */
            id: string;
            /** @example Western, saloon, bandits */
            label: string;
        };
        /** @description A theme with its trends, its history, and a page of its members, strongest first. */
        ThemePage: {
            /** @description the version in which it was first found */
            born: number | null;
            events: components["schemas"]["Event"][];
            members: components["schemas"]["Member"][];
            /** @description its former labels, oldest first */
            names: string[];
            next: string | null;
            theme: components["schemas"]["Theme"];
            trends: components["schemas"]["Trend"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
        };
        /** @description A page of themes, largest first. */
        Themes: {
            levels: number;
            next: string | null;
            themes: components["schemas"]["Theme"][];
            total: number;
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
            /** @description why there are these themes, or no themes */
            why: string;
        };
        /**
         * @description New items, with columns that mean what they mean in the catalog.
         * @example {
         *       "rows": [
         *         {
         *           "description": "A crew hears a signal."
         *         }
         *       ]
         *     }
         */
        ToAssign: {
            /** @default 0 */
            level: number;
            rows: {
                [key: string]: string | number | boolean | string[] | null;
            }[];
        };
        /**
         * @description Items, or texts, to describe in words.
         * @example {
         *       "ids": [
         *         "time-bandits-1981",
         *         "time-2021"
         *       ]
         *     }
         */
        ToLabel: {
            /** @default [] */
            ids: string[];
            /** @default [] */
            texts: string[];
        };
        /** @description What at least two items share. */
        Trait: {
            items: string[];
            role: string;
            text: string;
        };
        /** @description How a theme moves. */
        Trend: {
            amounts: (number | null)[];
            carriers: string[];
            high: number | null;
            label: string;
            level: number;
            lift: number | null;
            low: number | null;
            measure: string;
            p: number | null;
            parts: string[];
            periods: string[];
            q: number | null;
            shares: (number | null)[];
            status: string;
            theme: string;
        };
        /** @description Trends, most significant first. */
        Trends: {
            /** @description the items that carry them, by id */
            carriers: {
                [key: string]: components["schemas"]["Card"];
            };
            notes: string[];
            trends: components["schemas"]["Trend"][];
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
            /** @description why there are no trends */
            why: string;
        };
        /** @description All versions, oldest first. */
        Versions: {
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
            versions: components["schemas"]["StoredVersion"][];
        };
        /** @description A theme's share of the audience against its share of the titles. */
        WhiteSpace: {
            audience: number | null;
            high: number | null;
            label: string;
            level: number;
            low: number | null;
            ratio: number | null;
            theme: string;
            titles: number | null;
        };
        /** @description Themes by demand over supply, highest first. */
        WhiteSpaces: {
            /**
             * @description the version that answered
             * @example 7
             */
            version: number;
            white_space: components["schemas"]["WhiteSpace"][];
        };
        /** @description What people call what the API calls by a key. */
        Words: {
            /** @description by kind, in the order in which a report lists them */
            events: {
                [key: string]: components["schemas"]["EventWords"];
            };
            /** @description statuses of trends that fade */
            fading: string[];
            /** @description statuses of trends that rise */
            rising: string[];
            spaces: {
                [key: string]: components["schemas"]["SpaceWords"];
            };
        };
        /** @description First and last. */
        Years: {
            max: number;
            min: number;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
